using Amazon.DynamoDBv2;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace BulkQA.Silo.Tests;

/// <summary>Ready is said of one process: by its own store and its own place in the cluster.</summary>
public sealed class ReadinessTests
{
    private static readonly HealthCheckContext _context = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WhoseJobIndexGrainIsBlocked_IsReady()
    {
        using var folder = new TemporaryFolder();
        var blocked = new BlockedStorage();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("BulkQA:DataDirectory", (string?)folder.Path)]);
        builder.Logging.ClearProviders();
        builder.AddEmbeddedSilo();
        builder.Services.AddKeyedSingleton<IGrainStorage>("Default", blocked);
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var index = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 1);
        await blocked.Entered.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.False(index.IsCompleted);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(["membership", "storage"], report.Entries.Keys.Order(StringComparer.Ordinal));
        blocked.Release();
        await index;
        await host.StopAsync(Cancellation);
        // It is no longer one of the cluster, and says so.
        report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["membership"].Status);
        Assert.Contains("this silo is", report.Entries["membership"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_ThatThrows_IsUnhealthyWithTheReason()
    {
        var check = Check(_ => throw new StorageException("the disk is gone"), new FakeTimeProvider());
        var result = await check.CheckHealthAsync(_context, Cancellation);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("the disk is gone", result.Description, StringComparison.Ordinal);
    }

    /// <summary>One call hangs, not one for each who asks.</summary>
    [Fact]
    public async Task Storage_ThatHangs_IsUnhealthyInTimeAndAskedOnce()
    {
        var (time, calls, answer) = (new FakeTimeProvider(), 0, new TaskCompletionSource());
        var check = Check(_ => Interlocked.Increment(ref calls) == 1 ? answer.Task : Task.CompletedTask, time);
        for (var probe = 0; probe < 3; probe++)
        {
            var results = Enumerable.Range(0, 10).Select(_ => check.CheckHealthAsync(_context, Cancellation)).ToList();
            Assert.All(results, result => Assert.False(result.IsCompleted));
            time.Advance(StorageHealthCheck.Limit);
            foreach (var result in results)
            {
                Assert.Equal(HealthStatus.Unhealthy, (await result).Status);
                Assert.Contains("not answered within 3 s", (await result).Description, StringComparison.Ordinal);
            }
            time.Advance(StorageHealthCheck.Fresh);
        }
        Assert.Equal(1, calls);
        answer.SetResult();
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(_context, Cancellation)).Status);
    }

    [Fact]
    public async Task Storage_AskedByMany_IsReadOnceInAWhile()
    {
        var (time, calls) = (new FakeTimeProvider(), 0);
        Exception? failure = null;
        var check = Check(_ => Interlocked.Increment(ref calls) > 0 && failure is null ? Task.CompletedTask : Task.FromException(failure!), time);
        for (var probe = 0; probe < 10; probe++) Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(_context, Cancellation)).Status);
        Assert.Equal(1, calls);
        failure = new StorageException("gone");
        time.Advance(StorageHealthCheck.Fresh);
        for (var probe = 0; probe < 10; probe++) Assert.Equal(HealthStatus.Unhealthy, (await check.CheckHealthAsync(_context, Cancellation)).Status);
        Assert.Equal(2, calls);
        failure = null;
        time.Advance(StorageHealthCheck.Fresh);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(_context, Cancellation)).Status);
    }

    /// <summary>Taking processes out of service gives a throttled table no capacity.</summary>
    [Fact]
    public async Task Storage_ThatThrottles_IsDegradedAndStaysInService()
    {
        var throttled = new AmazonDynamoDBException("slower", Amazon.Runtime.ErrorType.Sender, "ThrottlingException", "1", System.Net.HttpStatusCode.BadRequest);
        Assert.Equal(HealthStatus.Degraded, (await Check(_ => Task.FromException(throttled), new FakeTimeProvider()).CheckHealthAsync(_context, Cancellation)).Status);
    }

    [Fact]
    public async Task Client_WithAtLeastOneSilo_IsReadyInWhateverOrderItIsTold()
    {
        var check = new GatewayHealthCheck();
        Assert.Equal((HealthStatus.Unhealthy, "no silo is connected"), await AskAsync());
        check.NotifyGatewayCountChanged(2, 1, false);
        check.NotifyGatewayCountChanged(1, 0, true);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync()).Status);
        check.NotifyGatewayCountChanged(1, 2, false);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync()).Status);
        check.NotifyGatewayCountChanged(0, 1, false);
        Assert.Equal(HealthStatus.Unhealthy, (await AskAsync()).Status);

        async Task<(HealthStatus Status, string? Description)> AskAsync()
        {
            var result = await check.CheckHealthAsync(_context, Cancellation);
            return (result.Status, result.Description);
        }
    }

    private static StorageHealthCheck Check(Func<CancellationToken, Task> ask, TimeProvider time) => new(new StoragePing(ask), time);

    /// <summary>Grain storage whose reads wait until they are let go.</summary>
    private sealed class BlockedStorage : IGrainStorage
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public void Release() => _released.SetResult();

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            _entered.TrySetResult();
            return _released.Task;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
    }
}

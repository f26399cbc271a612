using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Silo.Tests;

/// <summary>What is kept for a time is deleted once that is over, for as long as a silo runs.</summary>
public sealed class RetentionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitations_WhoseTimeIsOver_AreDeletedFromTheStartOnAndNoOthers()
    {
        using var folder = new TemporaryFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("BulkQA:DataDirectory", (string?)folder.Path)]);
        builder.Logging.ClearProviders();
        builder.AddEmbeddedSilo();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        Assert.Single(host.Services.GetServices<IHostedService>().OfType<InvitationRetention>());
        var (grains, listings, now) = (host.Services.GetRequiredService<IGrainFactory>(), host.Services.GetRequiredService<IListings>(), TimeProvider.System.GetUtcNow());
        var invitations = new List<IInvitationGrain>();
        foreach (var days in (int[])[1, 20, 60])
        {
            var id = Invitation.IdOf(Invitation.NewToken());
            invitations.Add(grains.GetGrain<IInvitationGrain>(id));
            await invitations[^1].CreateAsync(new Invitation(id, [new Grant(PersonRole.Worker)], null, 1, now.AddDays(days), "lead", now));
        }
        var time = new FakeTimeProvider(now.AddDays(1) + Invitation.KeptAfterEnd);
        using var retention = new InvitationRetention(new EndedInvitations(grains, listings, time), host.Services.GetRequiredService<IHostApplicationLifetime>(), time, NullLogger<InvitationRetention>.Instance);
        await retention.StartAsync(Cancellation);
        await UntilAsync([false, true, true], () => { });
        time.SetUtcNow(now.AddDays(20) + Invitation.KeptAfterEnd);
        await UntilAsync([false, false, true], () => time.Advance(InvitationRetention.Interval / 10));
        await retention.StopAsync(Cancellation);
        await host.StopAsync(Cancellation);

        async Task UntilAsync(bool[] left, Action next)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            // An invitation goes first, and what it is found by after it.
            while (!(await Task.WhenAll(invitations.Select(async invitation => await invitation.GetAsync() is not null))).SequenceEqual(left)
                || await listings.ReadAsync(PeopleListings.Invitations, "", null, Cancellation).CountAsync(Cancellation) != left.Count(isLeft => isLeft))
            {
                next();
                await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
            }
        }
    }

    /// <summary>In pages until nothing is left, every hour, and after trouble of the store the next time.</summary>
    [Fact]
    public async Task Changes_WhoseTimeIsOver_AreDeletedEachHourWhateverTheStoreDid()
    {
        var (time, log) = (new FakeTimeProvider(), new Log());
        using var host = new HostBuilder().Build();
        await host.StartAsync(Cancellation);
        using var retention = new ChangeLogRetention(
            log, Options.Create(new ChangeLogOptions { Retention = TimeSpan.FromDays(30) }), host.Services.GetRequiredService<IHostApplicationLifetime>(), time, NullLogger<ChangeLogRetention>.Instance);
        log.Left = (2 * ChangeLogRetention.RecordsPerDelete) + 5;
        await retention.StartAsync(Cancellation);
        await log.UntilAsync(calls: 3, () => { });
        Assert.Equal((0, time.GetUtcNow().AddDays(-30)), (log.Left, log.Before));
        log.Fails = true;
        await log.UntilAsync(calls: 4, () => time.Advance(ChangeLogRetention.Interval));
        (log.Fails, log.Left) = (false, 7);
        await log.UntilAsync(calls: 5, () => time.Advance(ChangeLogRetention.Interval));
        Assert.Equal(0, log.Left);
        Assert.False(retention.ExecuteTask!.IsCompleted);
        await retention.StopAsync(Cancellation);
        await host.StopAsync(Cancellation);
    }

    private sealed class Log : IChangeLog
    {
        private int _calls;

        public int Left { get; set; }

        public bool Fails { get; set; }

        public DateTimeOffset Before { get; private set; }

        public Task WriteAsync(ChangeRecord record, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task RemoveAsync(ChangePosition position, CancellationToken cancellation = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ChangeRecord> ReadAsync(ChangePosition? before, DateTimeOffset from, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellation = default)
        {
            Before = before;
            var deleted = Math.Min(limit, Left);
            if (!Fails) Left -= deleted;
            Interlocked.Increment(ref _calls);
            return Fails ? throw new StorageException("not now") : Task.FromResult(deleted);
        }

        public async Task UntilAsync(int calls, Action next)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            while (Volatile.Read(ref _calls) < calls)
            {
                next();
                await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
            }
        }
    }
}

using BulkQA.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Silo;

/// <summary>Asks the store the cheapest question whose answer proves that it can be read, without holding the caller's thread.</summary>
public sealed class StoragePing(Func<CancellationToken, Task> ask)
{
    public Task AskAsync(CancellationToken cancellation) => ask(cancellation);
}

/// <summary>
/// Whether the store answers this process. It is asked once in a while, however many ask us, and never twice at a time: a
/// store that hangs would otherwise hold a call for every probe.
/// </summary>
internal sealed class StorageHealthCheck(StoragePing ping, TimeProvider time) : IHealthCheck
{
    /// <summary>How long an answer stands. Shorter than a load balancer's interval, so that its every probe is told news.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>How long the store has to answer: below the timeout of a load balancer's probe, so that it is told why.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private Task<HealthCheckResult>? _answer;
    private long _answeredAt;
    private Task? _asked;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_answer is null || _answer.IsCompleted && time.GetElapsedTime(Volatile.Read(ref _answeredAt)) >= Fresh) _answer = AskAsync();
            return _answer.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AskAsync()
    {
        try
        {
            return await AnswerAsync();
        }
        finally
        {
            Volatile.Write(ref _answeredAt, time.GetTimestamp());
        }
    }

    private async Task<HealthCheckResult> AnswerAsync()
    {
        try
        {
            if (_asked is not { IsCompleted: false }) _asked = PingAsync();
            await _asked.WaitAsync(Limit, time);
            return HealthCheckResult.Healthy();
        }
        // It answers, and no other process would be told more.
        catch (Exception e) when (AwsFailures.IsThrottle(e))
        {
            return HealthCheckResult.Degraded("the store has no capacity to spare", e);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"the store has not answered within {Limit.TotalSeconds} s", e);
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy($"the store can't be read: {e.Message}", e);
        }
    }

    private async Task PingAsync()
    {
        using var limit = new CancellationTokenSource(Limit, time);
        await ping.AskAsync(limit.Token);
    }
}

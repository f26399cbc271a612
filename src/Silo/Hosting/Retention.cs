using BulkQA.Storage;

namespace BulkQA.Silo;

/// <summary>
/// Deletes what is kept for a time once that is over, from the start of the host on and again after each interval. Every silo does; what another one has deleted is no
/// longer there. What the store can't do now is done the next time.
/// </summary>
/// <param name="what">For the log, such as "invitations that are over".</param>
/// <param name="interval">Between two times.</param>
internal abstract partial class Retention(string what, TimeSpan interval, IHostApplicationLifetime host, TimeProvider time, ILogger log) : BackgroundService
{
    protected DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Deletes all of which the time is over now.</summary>
    protected abstract Task DeleteAsync(CancellationToken cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.WaitForStartAsync(stoppingToken);
        for (; ; await Task.Delay(interval, time, stoppingToken))
        {
            try
            {
                await DeleteAsync(stoppingToken);
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient && !stoppingToken.IsCancellationRequested)
            {
                LogLater(e, what, interval);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not all {What} could be deleted; next try after {Pause}")]
    private partial void LogLater(Exception exception, string what, TimeSpan pause);
}

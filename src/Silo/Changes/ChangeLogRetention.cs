using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>Deletes records of the change log whose time is over. Every silo does; what another one has deleted is no longer there.</summary>
internal sealed partial class ChangeLogRetention(
    IChangeLog changes, IOptions<ChangeLogOptions> options, IHostApplicationLifetime host, TimeProvider time, ILogger<ChangeLogRetention> log) : BackgroundService
{
    private const int RecordsPerDelete = 1_000;

    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.WaitForStartAsync(stoppingToken);
        for (; ; await Task.Delay(_interval, time, stoppingToken))
        {
            try
            {
                while (await changes.DeleteAsync(time.GetUtcNow() - options.Value.Retention, RecordsPerDelete, stoppingToken) == RecordsPerDelete) { }
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient && !stoppingToken.IsCancellationRequested)
            {
                LogLater(e, _interval);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Records of the change log that are over could not be deleted; next try after {Pause}")]
    private partial void LogLater(Exception exception, TimeSpan pause);
}

using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Silo;

/// <summary>Deletes invitations that are over. Every silo does; what another one has deleted is no longer there.</summary>
internal sealed partial class InvitationRetention(EndedInvitations ended, IHostApplicationLifetime host, TimeProvider time, ILogger<InvitationRetention> log) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.WaitForStartAsync(stoppingToken);
        for (; ; await Task.Delay(_interval, time, stoppingToken))
        {
            try
            {
                await ended.DeleteAsync(stoppingToken);
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient && !stoppingToken.IsCancellationRequested)
            {
                LogLater(e, _interval);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Invitations that are over could not all be deleted; next try after {Pause}")]
    private partial void LogLater(Exception exception, TimeSpan pause);
}

using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>
/// Operations whose silo has died go on: every silo looks now and then which jobs have unfinished ones and wakes them. Not
/// before the silo has started, and nothing waits for it: a silo that joins while others are being lost may not reach every
/// job at once.
/// </summary>
internal sealed partial class UnfinishedJobs(
    IGrainFactory grains, IHostApplicationLifetime host, TimeProvider time, ILogger<UnfinishedJobs> log) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using (host.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken);
        while (true) await Task.Delay(await TryResumeAsync() ? _interval : _pause, time, stoppingToken);
    }

    private async Task<bool> TryResumeAsync()
    {
        try
        {
            foreach (var key in await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListUnfinishedAsync())
                await grains.GetGrain<IOperationsGrain>(key).ResumeAsync();
            return true;
        }
        // Whatever it is, it ends no silo: others are looked after again in a while.
        catch (Exception e)
        {
            LogLater(e, _pause);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Jobs could not be asked for unfinished work; next try after {Pause}")]
    private partial void LogLater(Exception exception, TimeSpan pause);
}

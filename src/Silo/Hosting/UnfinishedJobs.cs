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
        await host.WaitForStartAsync(stoppingToken);
        // Once all of them: a release without operations may have left a deletion or a change of policy half done.
        while (!await TryAsync(ResumeAllAsync)) await Task.Delay(_pause, time, stoppingToken);
        while (true) await Task.Delay(await TryAsync(ResumeUnfinishedAsync) ? _interval : _pause, time, stoppingToken);
    }

    private async Task<bool> ResumeAllAsync() => await EachAsync(
        await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, JobLimits.MaxJobs), key => grains.GetGrain<IJobGrain>(key).ResumeAsync());

    private async Task<bool> ResumeUnfinishedAsync() => await EachAsync(
        await grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync(), key => grains.GetGrain<IOperationsGrain>(key).ResumeAsync());

    /// <summary>A job that can't be woken keeps no other waiting.</summary>
    private async Task<bool> EachAsync(IEnumerable<string> keys, Func<string, Task> resume)
    {
        var all = true;
        foreach (var key in keys)
            all &= await TryAsync(async () =>
            {
                await resume(key);
                return true;
            });
        return all;
    }

    private async Task<bool> TryAsync(Func<Task<bool>> work)
    {
        try
        {
            return await work();
        }
        // Whatever it is, it ends no silo, and is tried again.
        catch (Exception e)
        {
            LogLater(e, _pause);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Jobs could not be asked for unfinished work; next try after {Pause}")]
    private partial void LogLater(Exception exception, TimeSpan pause);
}

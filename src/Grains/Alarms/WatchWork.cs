using BulkQA.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Looks now and then which classes fell below the job's alarm, for as long as it has one and is open, and tells its webhook until that has heard all. It
/// asks for counters that are there anyway; whoever votes does nothing for it.
/// </summary>
internal sealed partial class WatchWork(
    IGrainFactory grains, AlarmWebhook webhook, AlarmsMetrics metrics, IOptions<AlarmOptions> options, IOptions<GrainsOptions> grainsOptions, TimeProvider time,
    ILogger<WatchWork> log) : IOperationWork
{
    /// <summary>Events that are told between two looks, and of them at the same time.</summary>
    private const int ToldAtOnce = 40, CallsAtOnce = 4;

    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(15);

    private TimeSpan Interval => options.Value.Interval;

    public OperationKind Kind => OperationKind.Watch;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var alarms = grains.GetGrain<IAlarmGrain>(incarnation.Value);
        var (pause, postponed) = (Interval, new Dictionary<string, Postponed>(StringComparer.Ordinal));
        while (true)
        {
            var began = time.GetTimestamp();
            var progress = await LookAsync(incarnation, alarms, postponed, cancellation);
            var least = DecideWork.PauseOf(Interval, time.GetElapsedTime(began));
            if (progress is null || await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is not { } job) return operation with { State = OperationState.Done };
            var told = progress.Untold > 0 && job.Settings.Alarm?.Webhook is { } url && await TellAsync(job, url, alarms, postponed, cancellation);
            // What a job that nobody watches any more has still to tell is told, or given up, first.
            if (!job.Watches && (progress.Untold == 0 || job.Settings.Alarm?.Webhook is null)) return operation with { State = OperationState.Done };
            pause = ReestimateWork.PauseAfter(pause, progress is { IsQuiet: true, Untold: 0 } && !told, Interval);
            // Begins again with what it was asked for since, and rests again after that.
            if (await grains.RestAsync(operation, pause > least ? pause : least, grainsOptions.Value.OperationInterval, time, cancellation)) return operation;
        }
    }

    /// <summary>Looks. Where that fails, what was found before is told all the same.</summary>
    private async Task<AlarmProgress?> LookAsync(Incarnation incarnation, IAlarmGrain alarms, Dictionary<string, Postponed> postponed, CancellationToken cancellation)
    {
        try
        {
            return await alarms.LookAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is { Settings.Alarm.Webhook: { } url } job) await TellAsync(job, url, alarms, postponed, cancellation);
            throw;
        }
    }

    /// <summary>Tells what is due.</summary>
    /// <returns>Whether anything was.</returns>
    private async Task<bool> TellAsync(JobInfo job, Webhook url, IAlarmGrain alarms, Dictionary<string, Postponed> postponed, CancellationToken cancellation)
    {
        var untold = await alarms.GetUntoldAsync(AlarmLimits.MaxKept);
        var due = untold.Where(told => !postponed.TryGetValue(told.IdIn(job.Incarnation), out var last) || time.GetUtcNow() >= last.NextAt).Take(ToldAtOnce).ToList();
        foreach (var some in due.Chunk(CallsAtOnce))
        {
            var problems = await Task.WhenAll(some.Select(told => webhook.TellAsync(job, url, told, cancellation)));
            foreach (var (told, problem) in some.Zip(problems))
            {
                var id = told.IdIn(job.Incarnation);
                if (problem is null)
                {
                    metrics.Delivered.Add(1);
                    postponed.Remove(id);
                    await alarms.NoteToldAsync(told.Alarm.Number, told.IsEnd, problem: null);
                    continue;
                }
                metrics.Failed.Add(1);
                var now = time.GetUtcNow();
                if (now - told.At >= options.Value.GiveUpAfter)
                {
                    metrics.GivenUp.Add(1);
                    postponed.Remove(id);
                    LogGivenUp(job.Name.Value, id, url.Shown, problem);
                    await alarms.NoteToldAsync(told.Alarm.Number, told.IsEnd, problem);
                    continue;
                }
                var pause = postponed.TryGetValue(id, out var last) ? last.Pause * 2 : Interval;
                if (pause > _longestPause) pause = _longestPause;
                postponed[id] = new Postponed(pause, now + pause);
                LogFailed(job.Name.Value, id, url.Shown, problem, pause);
            }
            // One that does not answer holds nobody up who looks: the rest is told after the next look.
            if (problems.All(problem => problem is not null)) break;
        }
        return due.Count > 0;
    }

    private readonly record struct Postponed(TimeSpan Pause, DateTimeOffset NextAt);

    [LoggerMessage(LogLevel.Warning, "Job {Job}: webhook {Webhook} could not be told of {Event}: {Problem}; next try after {Pause}")]
    private partial void LogFailed(string job, string @event, string webhook, string problem, TimeSpan pause);

    [LoggerMessage(LogLevel.Error, "Job {Job}: webhook {Webhook} was not told of {Event}, and will not be: {Problem}")]
    private partial void LogGivenUp(string job, string @event, string webhook, string problem);
}

using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Looks now and then whether a job has so many new votes that its setting wants another model, has it estimated, and has the job adopt it. It
/// asks for counters that are there anyway; whoever votes does nothing for it.
/// </summary>
internal sealed class ReestimateWork(IGrainFactory grains, IOptions<GrainsOptions> options, TimeProvider time) : IOperationWork
{
    /// <summary>Between looks at a job whose votes stay as they are.</summary>
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(5);

    private TimeSpan Interval => options.Value.ReestimateInterval;

    public OperationKind Kind => OperationKind.Reestimate;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var (pause, known) = (Interval, (long?)null);
        while (true)
        {
            if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is not { Reestimates: true } job)
                return operation with { State = OperationState.Done };
            var votes = await LookAsync(job, job.Settings.Reestimate!);
            pause = PauseAfter(pause, votes is not null && votes == known, Interval);
            known = votes;
            if (await grains.RestAsync(operation, pause, Interval, time, cancellation)) return operation;
        }
    }

    /// <summary>Twice the last pause after a look that found nothing new, up to five minutes; the shortest one after any other.</summary>
    internal static TimeSpan PauseAfter(TimeSpan last, bool isQuiet, TimeSpan shortest) =>
        !isQuiet || shortest >= _longestPause ? shortest : last * 2 < _longestPause ? last * 2 : _longestPause;

    /// <returns>How many votes there are; null where it is to be looked soon again whatever these are.</returns>
    private async Task<long?> LookAsync(JobInfo job, Reestimation setting)
    {
        var registry = grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);
        var models = await registry.ListAsync();
        // Whatever somebody asked for by hand since. The job knows which ones came before its last choice.
        if (models.FirstOrDefault(model => model is { IsByItself: true, State: ModelState.Done }) is { } byItself && byItself.Number != job.Model?.Number)
            await grains.GetGrain<IJobGrain>(job.Name.Key).AdoptReestimatedAsync(job.Incarnation, byItself.Number);
        if (models is [{ State: ModelState.Running } running, ..])
        {
            // Makes sure that somebody is at it.
            await registry.GetAsync(running.Number);
            return null;
        }
        if (await grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value).GetTalliesAsync(null) is not { } tallies) return null;
        var votes = tallies.Sum(entry => entry.Value.Votes);
        // One by itself that came to nothing is not tried again before there are as many new votes once more; one by hand has no say.
        var before = models.Select(model => model.Result?.Votes ?? model.VotesBefore).FirstOrDefault(count => count > 0);
        if (!setting.IsDue(votes, before)) return votes;
        await registry.StartByItselfAsync(setting.Method, models.FirstOrDefault()?.Number ?? 0, votes);
        return null;
    }
}

using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Looks now and then what can be decided under a job's target, for as long as it has one and is open. It asks for counters that are there anyway;
/// whoever votes does nothing for it.
/// </summary>
internal sealed class DecideWork(IGrainFactory grains, IOptions<GrainsOptions> options, TimeProvider time) : IOperationWork
{
    private TimeSpan Interval => options.Value.TargetInterval;

    public OperationKind Kind => OperationKind.Decide;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var (pause, known) = (Interval, (TargetProgress?)null);
        while (true)
        {
            // Once more under a target that is gone: what was decided under it is put away.
            var began = time.GetTimestamp();
            var progress = await grains.GetGrain<ITargetGrain>(incarnation.Value).LookAsync();
            var least = PauseOf(Interval, time.GetElapsedTime(began));
            if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is not { Decides: true } job) return operation with { State = OperationState.Done };
            var isQuiet = progress is { IsPublished: true } && progress == known && progress.Revision == job.Target!.Revision;
            pause = ReestimateWork.PauseAfter(pause, isQuiet, Interval);
            known = progress;
            // Begins again with what it was asked for since, and rests again after that.
            if (await grains.RestAsync(operation, pause > least ? pause : least, Interval, time, cancellation)) return operation;
        }
    }

    /// <summary>How long to leave alone a job that took so long to look at: with very many classes all of them are asked, and that is to be little of what they do.</summary>
    internal static TimeSpan PauseOf(TimeSpan shortest, TimeSpan took) => took * 20 > shortest ? took * 20 : shortest;
}

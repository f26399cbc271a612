using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Looks now and then whether a job has so many new votes that its setting wants another model, has it estimated, and has the job adopt it. It
/// asks for counters that are there anyway; whoever votes does nothing for it.
/// </summary>
internal sealed class ReestimateWork(IGrainFactory grains, IOptions<GrainsOptions> options, TimeProvider time) : IOperationWork
{
    public OperationKind Kind => OperationKind.Reestimate;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is not { Settings.Reestimate: { } setting } job)
            return operation with { State = OperationState.Done };
        if (job is { State: JobState.Open, Settings.Policy.Level: not null }) await LookAsync(job, setting);
        await Task.Delay(options.Value.ReestimateInterval, time, cancellation);
        return operation;
    }

    private async Task LookAsync(JobInfo job, Reestimation setting)
    {
        var registry = grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);
        var newest = (await registry.ListAsync()).FirstOrDefault();
        // Makes sure that somebody is at it.
        if (newest is { State: ModelState.Running }) newest = await registry.GetAsync(newest.Number);
        if (newest is { State: ModelState.Running }) return;
        if (newest is { IsByItself: true, State: ModelState.Done } && newest.Number != job.Model?.Number)
            await grains.GetGrain<IJobGrain>(job.Name.Key).AdoptReestimatedAsync(job.Incarnation, newest.Number);
        if (await grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value).GetTalliesAsync(null) is not { } tallies) return;
        var votes = tallies.Sum(entry => entry.Value.Votes);
        // One that came to nothing is not tried again before there are as many new votes once more.
        if (setting.IsDue(votes, newest?.Result?.Votes ?? newest?.VotesBefore ?? 0)) await registry.StartByItselfAsync(setting.Method, newest?.Number ?? 0, votes);
    }
}

using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Workers who get no task because of the job's assignment.</content>
public sealed partial class DispatchGrain
{
    public async Task<WorkRefusal?> FindRefusalAsync(WorkerId worker)
    {
        if (await JobAsync() is not { State: JobState.Open, Settings.Assignment: { MayRefuse: true } assignment }) return null;
        if (assignment.MinExperience is { } least && await FindMissingExperienceAsync(worker, least) is { } missing) return missing;
        if (!assignment.HasLimits) return null;
        await LoadNowAndThenAsync();
        return await Quota(worker).FindRefusalAsync(assignment, _answeredBy.GetValueOrDefault(worker));
    }

    public async Task<WorkRefusal?> LetInAsync(WorkerId worker, TaskNumber task, string partition)
    {
        if (await JobAsync() is not { State: JobState.Open, Settings.Assignment: { MayRefuse: true } assignment }) return null;
        if (assignment.MinExperience is { } least && await FindMissingExperienceAsync(worker, least) is { } missing
            && await GrainFactory.GetGrain<IPartitionGrain>(partition).LookAtHoldAsync(task, worker) is not { State: HoldState.Held or HoldState.Answered })
            return missing;
        if (!assignment.HasLimits) return null;
        await LoadNowAndThenAsync();
        return await Quota(worker).LetInAsync(assignment, _answeredBy.GetValueOrDefault(worker), task, partition);
    }

    private async Task<WorkRefusal?> FindMissingExperienceAsync(WorkerId worker, int least) =>
        await experience.CountAsync(worker, least) is var answered && answered < least ? new WorkRefusal(WorkRefusalReason.Experience, answered, least) : null;

    private async Task<TaskLease?> LeaseLimitedAsync(WorkerId worker, JobAssignment limits)
    {
        if (await Quota(worker).LeaseAsync(limits, _answeredBy.GetValueOrDefault(worker)) is not { } lease) return null;
        var count = _answeredBy.GetValueOrDefault(worker);
        return lease with { Answered = count, Total = Math.Max(checked((int)_tasks), count + 1) };
    }

    private IWorkerQuotaGrain Quota(WorkerId worker) => GrainFactory.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(_incarnation, worker));
}

using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>What a job knows of its workers.</summary>
internal sealed class WorkerLookup(IGrainFactory grains, ModelStore models)
{
    /// <summary>
    /// What one worker did, at the cost of its own answers; null for one who has answered nothing in the job and whose qualification nobody has decided
    /// about, and where the job is deleted.
    /// </summary>
    public async Task<FoundWorker?> FindAsync(JobInfo job, WorkerId worker)
    {
        var tally = await grains.GetClasses(job).GetWorkerTallyAsync(worker);
        if (tally is null && job.RulingOn(worker) is null) return null;
        // Whoever has answered is known once the worker's answers were counted.
        var alike = LookAlikes.Find((await grains.GetClasses(job).GetWorkersAsync()).Workers.Select(entry => entry.Key));
        var qualification = job.Settings.PassMark is null ? null : await grains.GetDispatch(job).QualifyAsync(worker);
        return new FoundWorker(tally ?? new WorkerTally(), Of(
            job, worker, tally ?? new WorkerTally(), alike, await FindModelAsync(job), await grains.GetJob(job).GetDecisionsAsync(job.Incarnation),
            WorkerQualification.Of(qualification, job.RulingOn(worker))));
    }

    public static WorkerResponse Of(
        JobInfo job, WorkerId worker, WorkerTally tally, ImmutableSortedDictionary<string, ImmutableArray<WorkerId>> alike, StoredModel? model,
        ImmutableArray<WorkerDecision> decisions, WorkerQualification? qualification = null) => WorkerResponse.Of(
        job.Name, worker, tally, alike.GetValueOrDefault(worker.Value, []), job.SetAside.FirstOrDefault(entry => entry.Worker == worker), model, qualification, decisions);

    /// <summary>The adopted model, otherwise the latest that is done.</summary>
    public async Task<StoredModel?> FindModelAsync(JobInfo job)
    {
        var name = job.Model?.Name ?? (await grains.GetReliability(job).ListAsync()).FirstOrDefault(model => model.Result is { LabelsSwitched: false })?.Result?.Name;
        return name is null ? null : await models.ReadAsync(job.Incarnation, name);
    }
}

/// <summary>A worker of a job.</summary>
internal sealed record FoundWorker(WorkerTally Tally, WorkerResponse Response);

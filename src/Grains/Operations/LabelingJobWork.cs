using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// Writes what a labeling job reads, inputs and manifest, and leaves the asking for it to the API. What is there already is
/// not written again, so that it goes on after a crash.
/// </summary>
internal sealed class LabelingJobWork(IGrainFactory grains, ManifestExport manifest, IObjectStore store, JobObjects objects) : IOperationWork
{
    public OperationKind Kind => OperationKind.LabelingJob;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var jobGrain = grains.GetGrain<IJobGrain>(incarnation.Job.Key);
        if (await jobGrain.GetAsync(incarnation) is not { } job) return Deleted(operation);
        using var lines = new MemoryStream();
        var further = FurtherLabeling.Of(operation.Request);
        // Ground Truth has begun it: other follow-ups in its manifest would not be those that its objects are.
        if (further is not null && job.Labeling?.Name == further.Name) return operation with { State = OperationState.Waiting };
        var answers = further?.Workers ?? FurtherLabeling.MostWorkers(job.Settings);
        if (further is null) await manifest.WriteAsync(job, lines, cancellation, Report);
        else if (await FurtherLabeling.GatherAsync(grains, incarnation, answers, ManifestExport.MaxObjects, cancellation) is { Count: > 0 } tasks) await manifest.WriteAsync(job, tasks, lines, Report, cancellation);
        else return operation with { State = OperationState.Failed, Problem = $"no image is in doubt that nobody is about to answer and that may have {answers} more answers{(answers > 1 ? "; with fewer furtherWorkers there may be one" : "")}" };
        // What is written after a deletion stays until its second sweep, or for ever.
        if (await jobGrain.GetAsync(incarnation) is null) return Deleted(operation);
        await store.WriteAsync(further is null ? objects.Manifest(incarnation) : objects.FurtherManifest(incarnation, further.Name), lines.ToArray(), cancellation);
        return operation with { State = OperationState.Waiting };

        Task Report(int done, int total) => report(operation = operation with { Done = done, Total = total });
    }

    private static Operation Deleted(Operation operation) => operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
}

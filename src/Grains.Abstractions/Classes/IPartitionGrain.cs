using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// A run of tasks of one class, keyed by <see cref="PartitionAddress.Key"/>: the fold of their facts, and the gate that every
/// answer and every imported line passes. What it acknowledges is durable and in the fold of the current activation. Trouble
/// of the store surfaces as an exception: call again.
/// </summary>
[Alias("BulkQA.IPartitionGrain"), Version(2)]
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Stores submissions: idempotent, in any order, durable on return.</summary>
    [Alias("Submit"), SafeToRepeat]
    Task<SubmissionReceipt> SubmitAsync(Submissions submissions);

    /// <summary>
    /// Stores what was decided about an image, as the latest. Durable on return. One that says the same as the one that stands changes
    /// nothing.
    /// </summary>
    [Alias("Adjudicate"), SafeToRepeat]
    Task<AdjudicationOutcome> AdjudicateAsync(Adjudication adjudication);

    /// <summary>Cuts new images into tasks. Durable on return. Where it fails, import the images again.</summary>
    [Alias("Import"), NotSafeToRepeat("the images would all be duplicates of the first call's"), ResponseTimeout(LongCalls.ImportTimeout)]
    Task<ImportReceipt> ImportAsync(ImportChunk chunk);

    /// <summary>
    /// Sees to it that these tasks of the partition are in the fold, whoever stored them: before another partition calls their
    /// images duplicates.
    /// </summary>
    [Alias("TakeIn"), SafeToRepeat]
    Task TakeInAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>The counters; null where the job is deleted.</summary>
    [Alias("GetTally"), SafeToRepeat]
    Task<ClassTally?> GetTallyAsync();

    /// <summary>
    /// A task for this worker, kept until the time returned, or why there is none. As in <see cref="GetProgressAsync"/>, whoever
    /// asks is told what changes.
    /// </summary>
    [Alias("Lease"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker);

    /// <summary>
    /// A worker can't answer a task now: others may have it, and this worker gets others for as long as a lease lasts. Known
    /// to this activation alone.
    /// </summary>
    /// <returns>False where the task is not of the partition.</returns>
    [Alias("Pass"), SafeToRepeat]
    Task<bool> PassAsync(TaskNumber task, WorkerId worker);

    /// <summary>
    /// How far the partition is; from then on it reports to <see cref="IDispatchGrain.ReportAsync"/> what changes. New tasks it
    /// reports in any case.
    /// </summary>
    [Alias("GetProgress"), SafeToRepeat]
    Task<PartitionProgress> GetProgressAsync();

    /// <summary>Who answered anything, as far as is known without reading facts.</summary>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<KnownWorkers> GetWorkersAsync();

    /// <summary>Those of the tasks that are of this partition.</summary>
    [Alias("GetTasks"), SafeToRepeat]
    Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>Takes over new rules: the counters are right when this returns. Rules of an earlier revision than the fold's change nothing.</summary>
    [Alias("ChangePolicy"), SafeToRepeat]
    Task ChangeRulesAsync(JobInfo job);

    /// <summary>Writes the label table's rows of tasks that have changed since they were last written. Idempotent.</summary>
    /// <param name="all">Whether of all tasks, or only of those that have all their answers.</param>
    [Alias("WriteLabels"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task WriteLabelsAsync(bool all);

    /// <summary>Compares the fold with a fresh one of the facts under the job's present rules, and takes the fresh one over.</summary>
    [Alias("Audit"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport> AuditAsync();

    /// <summary>The job is deleted: nothing is taken any more, by this activation or a stale twin of it. Durable on return.</summary>
    [Alias("Retire"), SafeToRepeat]
    Task RetireAsync();

    /// <summary>Deletes the partition's own record, once its facts are gone.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// One job, keyed by <see cref="JobName.Key"/>: its settings, its classes, the numbering of its tasks. Every change is
/// durable before it is answered, and before readers see it. Calls that name an incarnation do nothing, and answer null,
/// once that one is deleted.
/// </summary>
[Alias("BulkQA.IJobGrain"), Version(1)]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Creates the job, or compares the given settings with those of the one that is there. Idempotent.</summary>
    /// <exception cref="BadInputException">The settings, with the defaults of the deployment, contradict each other.</exception>
    /// <returns>Null where there are <see cref="JobLimits.MaxJobs"/> already.</returns>
    [Alias("Create"), SafeToRepeat]
    Task<JobCreation?> CreateAsync(JobName name, JobDraft draft);

    /// <summary>The job; null where there is none.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<JobInfo?> GetAsync();

    /// <summary>The job, if this incarnation is the living one.</summary>
    [Alias("GetIncarnation"), SafeToRepeat]
    Task<JobInfo?> GetAsync(Incarnation incarnation);

    /// <summary>
    /// Changes policy or state; null leaves each as it is. When this returns, the class tables are right under the new
    /// policy; the rows' verdicts follow, by an <see cref="OperationKind.RewriteVerdicts"/>. Where it fails on the way, calling
    /// again goes on, and so does the operation.
    /// </summary>
    /// <exception cref="BadInputException">The job can't have the policy.</exception>
    [Alias("Change"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<JobInfo?> ChangeAsync(VerdictPolicy? policy, JobState? state);

    /// <summary>Takes over what is known of the job's labeling job; nothing happens where the incarnation is gone. Idempotent.</summary>
    [Alias("MirrorLabeling"), SafeToRepeat]
    Task MirrorLabelingAsync(Incarnation incarnation, LabelingJob labeling);

    /// <summary>
    /// Has every class decide by the job's present policy, unless all have been told; null where the incarnation is gone.
    /// </summary>
    [Alias("TellPolicy"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<JobInfo?> TellPolicyAsync(Incarnation incarnation);

    /// <summary>Every row carries a verdict of this revision of the policy.</summary>
    /// <returns>False where the job has a later one by now, whose rows are still to be rewritten.</returns>
    [Alias("VerdictsRewritten"), SafeToRepeat]
    Task<bool> VerdictsRewrittenAsync(Incarnation incarnation, int revision);

    /// <summary>Deletes whatever life the job has now, as <see cref="DeleteAsync(Incarnation)"/> does.</summary>
    [Alias("Delete"), NotSafeToRepeat("the job may have another life by then"), ResponseTimeout(LongCalls.Timeout)]
    Task<bool> DeleteAsync();

    /// <summary>
    /// Deletes a life of the job: its name is free at once, its votes are refused, and rows, tasks and objects go in the
    /// background, by an <see cref="OperationKind.Delete"/>.
    /// </summary>
    /// <returns>False where there is no such life; true too where it was deleted before.</returns>
    [Alias("DeleteIncarnation"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<bool> DeleteAsync(Incarnation incarnation);

    /// <summary>What a deleted life has left; null where it lives, or everything of it was forgotten long ago.</summary>
    [Alias("GetTombstone"), SafeToRepeat]
    Task<Tombstone?> GetTombstoneAsync(Incarnation incarnation);

    /// <summary>A sweep of a deleted life has ended.</summary>
    /// <param name="incarnation">Which.</param>
    /// <param name="again">Whether that was the second and last.</param>
    [Alias("Swept"), SafeToRepeat]
    Task SweptAsync(Incarnation incarnation, bool again);

    /// <summary>Sees to it that somebody goes on with deletions and changes of policy that have not ended.</summary>
    [Alias("Resume"), SafeToRepeat]
    Task ResumeAsync();

    /// <summary>Makes classes known, before the first of their rows is written. Idempotent.</summary>
    /// <returns>Those that the job can't take, because it has <see cref="JobLimits.MaxClasses"/>; null where the incarnation is gone.</returns>
    [Alias("AddClasses"), SafeToRepeat]
    Task<ImmutableArray<Label>?> AddClassesAsync(Incarnation incarnation, ImmutableArray<Label> labels);

    /// <summary>The job's classes, ordered; null where the incarnation is gone.</summary>
    [Alias("GetClasses"), SafeToRepeat]
    Task<ImmutableArray<Label>?> GetClassesAsync(Incarnation incarnation);

    /// <summary>
    /// Task numbers that nobody else gets; null where the incarnation is gone. Those of a call whose answer got lost are
    /// never used.
    /// </summary>
    [Alias("ReserveTasks"), SafeToRepeat]
    Task<TaskRange?> ReserveTasksAsync(Incarnation incarnation, int count);

    /// <summary>Gives unused numbers back, so that numbering stays dense where nobody reserved after.</summary>
    [Alias("ReleaseTasks"), NotSafeToRepeat("the numbers may belong to somebody else by then")]
    Task ReleaseTasksAsync(Incarnation incarnation, TaskRange unused);

    /// <summary>How many task numbers were handed out: every task's number is below it.</summary>
    [Alias("CountTaskNumbers"), SafeToRepeat]
    Task<int> CountTaskNumbersAsync(Incarnation incarnation);

    /// <summary>The counters of the given classes, or of all; null where there is no job.</summary>
    [Alias("GetTallies"), SafeToRepeat]
    Task<JobTallies?> GetTalliesAsync(ImmutableArray<Label>? labels);

    /// <summary>Who voted in the job, ordered by id, as far as is known without reading rows; null where there is no job.</summary>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<KnownWorkers?> GetWorkersAsync();

    /// <summary>
    /// The task this worker holds, or one nobody else needs to answer first; null where none is left for the worker.
    /// </summary>
    [Alias("Lease"), SafeToRepeat]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <summary>Compares every class with its rows, and repairs what differs; null where there is no job.</summary>
    [Alias("Audit"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport?> AuditAsync();
}

public static class JobLimits
{
    /// <summary>Classes of a job at most; its state must fit a DynamoDB item.</summary>
    public const int MaxClasses = 10_000;

    /// <summary>Jobs of a deployment at most.</summary>
    public const int MaxJobs = 5_000;
}

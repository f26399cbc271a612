using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// One job, keyed by <see cref="JobName.Key"/>: its settings, its classes, the numbering of its tasks. Every change is
/// durable before it is answered. Calls that name an incarnation do nothing, and answer null, once that one is deleted.
/// </summary>
[Alias("BulkQA.IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Creates the job, or compares the given settings with those of the one that is there. Idempotent.</summary>
    /// <returns>Null where there are <see cref="JobLimits.MaxJobs"/> already.</returns>
    [Alias("Create")]
    Task<JobCreation?> CreateAsync(JobName name, JobDraft draft);

    /// <summary>The job; null where there is none.</summary>
    [Alias("Get")]
    Task<JobInfo?> GetAsync();

    /// <summary>The job, if this incarnation is the living one.</summary>
    [Alias("GetIncarnation")]
    Task<JobInfo?> GetAsync(Incarnation incarnation);

    /// <summary>
    /// Changes policy or state; null leaves each as it is. When this returns, the class tables are right under the new
    /// policy; the rows' verdicts follow.
    /// </summary>
    [Alias("Change"), ResponseTimeout(LongCalls.Timeout)]
    Task<JobInfo?> ChangeAsync(VerdictPolicy? policy, JobState? state);

    /// <summary>Takes over what is known of the job's labeling job; nothing happens where the incarnation is gone. Idempotent.</summary>
    [Alias("MirrorLabeling")]
    Task MirrorLabelingAsync(Incarnation incarnation, LabelingJob labeling);

    /// <summary>
    /// Deletes the job: its name is free at once, its votes are refused, and rows, tasks and objects go in the background.
    /// </summary>
    /// <returns>False where there is none.</returns>
    [Alias("Delete"), ResponseTimeout(LongCalls.Timeout)]
    Task<bool> DeleteAsync();

    /// <summary>Goes on with what a crash interrupted: deletions, rewriting verdicts.</summary>
    [Alias("Resume")]
    Task ResumeAsync();

    /// <summary>Makes classes known, before the first of their rows is written. Idempotent.</summary>
    /// <returns>Those that the job can't take, because it has <see cref="JobLimits.MaxClasses"/>; null where the incarnation is gone.</returns>
    [Alias("AddClasses")]
    Task<ImmutableArray<Label>?> AddClassesAsync(Incarnation incarnation, ImmutableArray<Label> labels);

    /// <summary>The job's classes, ordered; null where the incarnation is gone.</summary>
    [Alias("GetClasses")]
    Task<ImmutableArray<Label>?> GetClassesAsync(Incarnation incarnation);

    /// <summary>Task numbers that nobody else gets; null where the incarnation is gone.</summary>
    [Alias("ReserveTasks")]
    Task<TaskRange?> ReserveTasksAsync(Incarnation incarnation, int count);

    /// <summary>Gives unused numbers back, so that numbering stays dense where nobody reserved after.</summary>
    [Alias("ReleaseTasks")]
    Task ReleaseTasksAsync(Incarnation incarnation, TaskRange unused);

    /// <summary>How many task numbers were handed out: every task's number is below it.</summary>
    [Alias("CountTaskNumbers")]
    Task<int> CountTaskNumbersAsync(Incarnation incarnation);

    /// <summary>The counters of the given classes, or of all; null where there is no job.</summary>
    [Alias("GetTallies")]
    Task<JobTallies?> GetTalliesAsync(ImmutableArray<Label>? labels);

    /// <summary>
    /// The task this worker holds, or one nobody else needs to answer first; null where none is left for the worker.
    /// </summary>
    [Alias("Lease")]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <summary>Compares every class with its rows, and repairs what differs; null where there is no job.</summary>
    [Alias("Audit"), ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport?> AuditAsync();
}

public static class JobLimits
{
    /// <summary>Classes of a job at most; its state must fit a DynamoDB item.</summary>
    public const int MaxClasses = 10_000;

    /// <summary>Jobs of a deployment at most.</summary>
    public const int MaxJobs = 5_000;
}

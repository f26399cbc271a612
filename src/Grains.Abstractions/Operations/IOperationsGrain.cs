using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// The long work of one job, keyed by <see cref="JobName.Key"/>: carried out in the background, its progress readable, and
/// gone on with after a crash. Each operation of a kind runs once at a time for a life of the job.
/// </summary>
[Alias("BulkQA.IOperationsGrain"), Version(2)]
public interface IOperationsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts an operation, or joins the one that has not ended. Durable on return. A deletion that has ended is joined, too:
    /// there is nothing left to do. <see cref="OperationKind.RewriteVerdicts"/>, <see cref="OperationKind.Reliability"/>, <see cref="OperationKind.Reestimate"/>, <see cref="OperationKind.Decide"/> or
    /// <see cref="OperationKind.Watch"/> that is joined with another request runs once more in the end.
    /// </summary>
    /// <param name="kind">What to do.</param>
    /// <param name="incarnation">To which life of the job.</param>
    /// <param name="request">What the kind needs to know besides; null for nothing.</param>
    [Alias("Start"), SafeToRepeat]
    Task<Operation> StartAsync(OperationKind kind, Incarnation incarnation, string? request);

    /// <summary>An operation as it is; null where there is none, or it ended long ago.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<Operation?> GetAsync(string id);

    /// <summary>Whether an operation that is at work was asked for again since, with what it may not know, or its life of the job is to be deleted.</summary>
    /// <param name="id">Which.</param>
    /// <param name="runs">How often it was asked for when its work began: <see cref="Operation.Runs"/>.</param>
    [Alias("IsOutdated"), SafeToRepeat]
    Task<bool> IsOutdatedAsync(string id, int runs);

    /// <summary>Operations that have not ended, and the last that have; newest first.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<Operation>> ListAsync();

    /// <summary>Ends an operation that is <see cref="OperationState.Waiting"/>; nothing happens to any other.</summary>
    /// <param name="id">Which.</param>
    /// <param name="problem">Why it failed; null where it did not.</param>
    [Alias("End"), SafeToRepeat]
    Task EndAsync(string id, string? problem);

    /// <summary>Goes on with what has not ended, such as after a crash.</summary>
    [Alias("Resume"), SafeToRepeat]
    Task ResumeAsync();
}

[GenerateSerializer, Alias("BulkQA.OperationKind")]
public enum OperationKind : byte
{
    /// <summary>Compares every class with its facts, and repairs what differs. Counts classes.</summary>
    Audit,

    /// <summary>Deletes facts, rows and objects of a deleted job. Counts classes, twice each.</summary>
    Delete,

    /// <summary>
    /// Tells classes of new rules, and rewrites the label table's rows whose verdict is by older ones, where the job has
    /// them. Counts classes; its request is the rules' revision.
    /// </summary>
    RewriteVerdicts,

    /// <summary>
    /// Writes labeling inputs and manifest of a labeling job, and then waits for the API to ask Ground Truth for it. Counts
    /// task numbers.
    /// </summary>
    LabelingJob,

    /// <summary>Writes the label table's rows of all images that have changed since they were last written. Counts classes.</summary>
    LabelTable,

    /// <summary>Estimates a reliability model. Counts iterations; its request is the model's number.</summary>
    Reliability,

    /// <summary>
    /// Has a model estimated anew whenever the job's setting says so, and adopts it; ends once there is no such setting. Counts nothing; its
    /// request is the setting's revision.
    /// </summary>
    Reestimate,

    /// <summary>
    /// Looks now and then what can be decided under the job's target; ends once there is none, or the job is closed. Counts nothing; its request is
    /// the target's revision.
    /// </summary>
    Decide,

    /// <summary>
    /// Looks now and then which classes fell below the job's alarm or have recovered, and tells its webhook; ends once there is no alarm, or the job is
    /// closed, and all is told. Counts nothing; its request is the setting's revision.
    /// </summary>
    Watch,
}

[GenerateSerializer, Alias("BulkQA.OperationState")]
public enum OperationState : byte
{
    /// <summary>At work, or about to be.</summary>
    Running,

    /// <summary>The silos have done their part; a process of the API has to do the rest.</summary>
    Waiting,

    Done,

    /// <summary>Given up, see <see cref="Operation.Problem"/>.</summary>
    Failed,
}

/// <summary>Long work on one life of a job, as it is.</summary>
/// <param name="Id">Unique among the job's operations.</param>
/// <param name="EndedAt">Null before it has.</param>
/// <param name="Done">Units that are done; which ones its kind counts is said at <see cref="OperationKind"/>.</param>
/// <param name="Total">Units there are; 0 before that is known.</param>
/// <param name="Position">The last unit that is done, for the work to go on after; null at the beginning.</param>
/// <param name="Request">What the kind needs to know besides.</param>
/// <param name="Runs">How often it was asked for. One that is to run again ends only after it has.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Audit">What an audit has found so far.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Operation")]
public sealed record Operation(
    [property: Id(0)] string Id,
    [property: Id(1)] OperationKind Kind,
    [property: Id(2)] Incarnation Incarnation,
    [property: Id(3)] OperationState State,
    [property: Id(4)] DateTimeOffset StartedAt,
    [property: Id(5)] DateTimeOffset? EndedAt = null,
    [property: Id(6)] long Done = 0,
    [property: Id(7)] long Total = 0,
    [property: Id(8)] string? Position = null,
    [property: Id(9)] string? Request = null,
    [property: Id(10)] int Runs = 1,
    [property: Id(11)] string? Problem = null,
    [property: Id(12)] AuditReport? Audit = null)
{
    public bool HasEnded => State is OperationState.Done or OperationState.Failed;
}

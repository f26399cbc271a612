using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// Hands out the tasks of one life of a job, keyed by its incarnation. It knows which classes may still have tasks, and how
/// many each worker has answered, from what partitions report; so that a lease costs the same however many classes and tasks
/// there are. It stores nothing.
/// </summary>
[Alias("BulkQA.IDispatchGrain"), Version(2)]
public interface IDispatchGrain : IGrainWithStringKey
{
    /// <summary>
    /// The task this worker holds, or one that still wants an answer; null where none is left for the worker, the worker has not qualified, or the job's
    /// assignment refuses it (<see cref="FindRefusalAsync"/>).
    /// </summary>
    [Alias("Lease"), SafeToRepeat]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <summary>The same, whatever the job's limits and the worker's qualification: for <see cref="IWorkerQuotaGrain"/>, which counts what it gives.</summary>
    [Alias("LeaseAny"), SafeToRepeat]
    Task<TaskLease?> LeaseAnyAsync(WorkerId worker);

    /// <summary>The same, of what the worker's team may still answer.</summary>
    /// <param name="worker">Who asks.</param>
    /// <param name="teams">For whom the worker answers, if a task is given; where it held one before, <see cref="TaskLease.Team"/> says for whom.</param>
    /// <param name="answers">How many answers to a task the present one of these teams gives; null where it is none.</param>
    [Alias("LeaseForTeam"), SafeToRepeat]
    Task<TaskLease?> LeaseForTeamAsync(WorkerId worker, WorkerTeams teams, int? answers);

    /// <summary>Why the job's assignment gives the worker no further task now; null where it does. What the worker holds it keeps.</summary>
    [Alias("FindRefusal"), SafeToRepeat]
    Task<WorkRefusal?> FindRefusalAsync(WorkerId worker);

    /// <summary>
    /// Why the job's assignment does not take an answer of the worker that is about to be sent; null where it does. An answer to a task that is kept for the worker, and a
    /// correction, are always taken (<see cref="IWorkerQuotaGrain.LetInAsync"/>).
    /// </summary>
    /// <param name="worker">Who answers.</param>
    /// <param name="task">Which task.</param>
    /// <param name="partition">The key of the partition that it is of; of a follow-up the one of its images.</param>
    [Alias("LetIn"), SafeToRepeat]
    Task<WorkRefusal?> LetInAsync(WorkerId worker, TaskNumber task, string partition);

    /// <summary>How far the worker's qualification is; null where the job asks for none.</summary>
    [Alias("Qualify"), SafeToRepeat]
    Task<Qualification?> QualifyAsync(WorkerId worker);

    /// <summary>How far the worker is, as far as partitions have told. Hands out nothing.</summary>
    [Alias("GetProgress"), SafeToRepeat]
    Task<WorkerProgress> GetProgressAsync(WorkerId worker);

    /// <summary>Who has asked for a task since a time, the latest first. Known to this activation alone, and of the last 10,000 workers at most.</summary>
    [Alias("GetWorking"), SafeToRepeat]
    Task<ImmutableArray<WorkingWorker>> GetWorkingAsync(DateTimeOffset since);

    /// <summary>A partition has changed. Reports that come late or twice change nothing.</summary>
    [Alias("Report"), SafeToRepeat]
    Task ReportAsync(PartitionProgress progress);
}

/// <summary>How far a worker is in a job.</summary>
/// <param name="Answered">Tasks of the job this worker has answered whole.</param>
/// <param name="Total">Tasks of the job, but those that are not handed out any more.</param>
/// <param name="IsWanted">Whether anybody could get a task now; where each team gives so many answers, whether anybody of the worker's teams could.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkerProgress")]
public sealed record WorkerProgress([property: Id(0)] int Answered, [property: Id(1)] int Total, [property: Id(2)] bool IsWanted);

/// <summary>Somebody who has asked for a task.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkingWorker")]
public sealed record WorkingWorker([property: Id(0)] WorkerId Worker, [property: Id(1)] DateTimeOffset LastAt, [property: Id(2)] int Answered);

/// <summary>A task handed to a worker.</summary>
/// <param name="ExpiresAt">Until when it is kept for that worker; an answer counts whenever it comes.</param>
/// <param name="Answered">Tasks of the job this worker has answered whole.</param>
/// <param name="Total">Tasks of the job, but those that are not handed out any more.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskLease")]
public sealed record TaskLease(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] DateTimeOffset ExpiresAt,
    [property: Id(2)] int Answered, [property: Id(3)] int Total)
{
    /// <summary>The key of the partition that the task is of; null of a batch of gold, and of a release before.</summary>
    [Id(4)]
    public string? Partition { get; init; }

    /// <summary>The team that the answer is to count for, in a job that says how many each gives; null for none.</summary>
    [Id(5)]
    public TeamName? Team { get; init; }
}

/// <summary>A class's or partition's answer to a worker who asks for a task.</summary>
/// <param name="Task">Null where there is none for this worker.</param>
/// <param name="ExpiresAt">Until when the task is kept; with no task, when a lease of another worker ends that may leave one.</param>
/// <param name="IsWanted">Whether any worker could get a task now.</param>
/// <param name="Answered">Tasks that this worker has answered whole, in each of the partitions.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassLease")]
public sealed record ClassLease(
    [property: Id(0)] TaskNumber? Task, [property: Id(1)] DateTimeOffset? ExpiresAt, [property: Id(2)] bool IsWanted,
    [property: Id(3)] ImmutableArray<int> Answered)
{
    /// <summary>The team that the answer is to count for; null for none.</summary>
    [Id(4)]
    public TeamName? Team { get; init; }

    /// <summary>The last partition that was asked: the one of the task, where there is one. Those after it have -1.</summary>
    public int LastAsked => Answered.Count(answered => answered >= 0) - 1;
}

/// <summary>How far a partition is: absolute, so that reports may be repeated.</summary>
/// <param name="Partition">Its key.</param>
/// <param name="Epoch">Of the fold.</param>
/// <param name="Sequence">Greater with each report of that epoch.</param>
/// <param name="Tasks">How many it has, in the job's sample.</param>
/// <param name="IsWanted">Whether any worker could get a task now.</param>
/// <param name="Answered">Workers whose number of tasks answered whole has changed since the last report, with that number; all in the first.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.PartitionProgress")]
public sealed record PartitionProgress(
    [property: Id(0)] string Partition, [property: Id(1)] long Epoch, [property: Id(2)] long Sequence, [property: Id(3)] int Tasks,
    [property: Id(4)] bool IsWanted, [property: Id(5)] ImmutableArray<KeyValuePair<WorkerId, int>> Answered)
{
    /// <summary>How many of them lack answers and are not handed out any more.</summary>
    [Id(8)]
    public int Skipped { get; init; }
}

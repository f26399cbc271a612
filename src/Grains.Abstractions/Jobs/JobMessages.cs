using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

[GenerateSerializer, Alias("BulkQA.JobState")]
public enum JobState
{
    /// <summary>Takes corpora and votes, hands out tasks.</summary>
    Open,

    /// <summary>Read only.</summary>
    Closed,
}

/// <summary>A job as it is.</summary>
/// <param name="PolicyRevision">One more with every change of policy.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobInfo")]
public sealed record JobInfo(
    [property: Id(0)] JobName Name,
    [property: Id(1)] Incarnation Incarnation,
    [property: Id(2)] JobSettings Settings,
    [property: Id(3)] int PolicyRevision,
    [property: Id(4)] JobState State,
    [property: Id(5)] DateTimeOffset CreatedAt);

/// <summary>How a creation ended.</summary>
/// <param name="Job">The job that exists now.</param>
/// <param name="Created">False where it was there before.</param>
/// <param name="Differences">The given settings it has otherwise; empty where all agree.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobCreation")]
public sealed record JobCreation(
    [property: Id(0)] JobInfo Job, [property: Id(1)] bool Created, [property: Id(2)] ImmutableArray<string> Differences);

/// <summary>Consecutive task numbers.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskRange")]
public readonly record struct TaskRange([property: Id(0)] int First, [property: Id(1)] int Count);

/// <summary>The counters of every class of a job.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobTallies")]
public sealed record JobTallies(
    [property: Id(0)] JobInfo Job, [property: Id(1)] ImmutableArray<KeyValuePair<Label, ClassTally>> Classes);

/// <summary>A task handed to a worker.</summary>
/// <param name="ExpiresAt">Until when it is kept for that worker; an answer counts whenever it comes.</param>
/// <param name="Answered">Tasks of the job this worker has answered.</param>
/// <param name="Total">Tasks of the job.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskLease")]
public sealed record TaskLease(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] DateTimeOffset ExpiresAt,
    [property: Id(2)] int Answered, [property: Id(3)] int Total);

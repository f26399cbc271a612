using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What a job stores: its present life, and what is left of earlier ones.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobRecord")]
public sealed record JobRecord
{
    [Id(0)]
    public LivingJob? Living { get; init; }

    [Id(1)]
    public ImmutableArray<Tombstone> Tombstones { get; init; } = [];
}

/// <param name="Labels">The classes, ordered.</param>
/// <param name="NextTask">The number the next task gets.</param>
/// <param name="RewritePending">Rows may carry verdicts of an older policy.</param>
/// <param name="ToldRevision">The revision of the policy that every class has been told of.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LivingJob")]
public sealed record LivingJob(
    [property: Id(0)] JobInfo Info, [property: Id(1)] ImmutableArray<Label> Labels, [property: Id(2)] int NextTask,
    [property: Id(3)] bool RewritePending, [property: Id(4)] int ToldRevision = 0);

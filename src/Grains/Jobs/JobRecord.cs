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
    public ImmutableArray<Grave> Graves { get; init; } = [];
}

/// <param name="Labels">The classes, ordered.</param>
/// <param name="NextTask">The number the next task gets.</param>
/// <param name="RewritePending">Rows may carry verdicts of an older policy.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LivingJob")]
public sealed record LivingJob(
    [property: Id(0)] JobInfo Info, [property: Id(1)] ImmutableArray<Label> Labels, [property: Id(2)] int NextTask,
    [property: Id(3)] bool RewritePending);

/// <summary>A deleted incarnation.</summary>
/// <param name="Labels">Whose rows must go; empty once they have.</param>
/// <param name="SweptAt">When the first sweep ended; null before.</param>
/// <param name="Done">Whether the second has.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Grave")]
public sealed record Grave(
    [property: Id(0)] Incarnation Incarnation, [property: Id(1)] ImmutableArray<Label> Labels, [property: Id(2)] int NextTask,
    [property: Id(3)] DateTimeOffset DeletedAt, [property: Id(4)] DateTimeOffset? SweptAt, [property: Id(5)] bool Done);

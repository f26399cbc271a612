using System.Collections.Immutable;

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

/// <param name="RewritePending">What follows the policy may still be of an older one.</param>
/// <param name="ToldRevision">The revision of the policy that every class has been told of.</param>
/// <param name="ReestimateRevision">One more whenever it is said when to estimate anew.</param>
/// <param name="ReestimatedModel">The last model that was estimated by itself and adopted, or left.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobLife")]
public sealed record LivingJob(
    [property: Id(0)] JobInfo Info, [property: Id(1)] bool RewritePending, [property: Id(2)] int ToldRevision = 0, [property: Id(3)] int ReestimateRevision = 0,
    [property: Id(4)] int ReestimatedModel = 0);

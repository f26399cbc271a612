using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Who voted on the images of a partition; keyed and implemented as <see cref="IPartitionGrain"/>.</summary>
[Alias("BulkQA.IPartitionWorkersGrain")]
public interface IPartitionWorkersGrain : IGrainWithStringKey
{
    /// <summary>As far as is known without reading rows.</summary>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<KnownWorkers> GetWorkersAsync();
}

/// <param name="Workers">In no order.</param>
/// <param name="AreAll">False where there may be more: too many to remember, or nobody has looked since a crash.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.KnownWorkers")]
public sealed record KnownWorkers([property: Id(0)] ImmutableArray<WorkerId> Workers, [property: Id(1)] bool AreAll);

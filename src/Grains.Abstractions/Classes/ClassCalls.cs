using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

public static class ClassCalls
{
    /// <summary>The partitions that a class has now, in their order. Whoever must not miss one that is opened meanwhile asks again.</summary>
    public static async Task<ImmutableArray<PartitionAddress>> ListPartitionsAsync(this IGrainFactory grains, ClassAddress address) =>
        [.. Enumerable.Range(0, await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync()).Select(number => new PartitionAddress(address, number))];
}

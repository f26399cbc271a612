using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>In which order several are tried, so that each comes first as often as its weight says.</summary>
public static class WeightedOrder
{
    /// <summary>
    /// The indices in an order in which each is first with the probability of its weight among all, and so on among the rest: by exponential
    /// variates of those rates (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
    /// </summary>
    /// <param name="weights">Each above 0.</param>
    /// <param name="random">What the order is by.</param>
    public static ImmutableArray<int> Draw(IReadOnlyList<int> weights, Random random) =>
        [.. weights.Select((weight, index) => (Index: index, Key: -Math.Log(1 - random.NextDouble()) / weight)).OrderBy(entry => entry.Key).Select(entry => entry.Index)];
}

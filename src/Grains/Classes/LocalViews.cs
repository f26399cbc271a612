using System.Collections.Concurrent;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// The views of the partitions that are warm on this silo, for those who only want counters: a look instead of a call, which
/// would wait for its turn among votes. What a partition has acknowledged is in what is seen here. Thread-safe.
/// </summary>
public sealed class LocalViews
{
    private readonly ConcurrentDictionary<(ClassAddress Class, int FirstShard), PartitionView> _views = new();

    /// <summary>The counters of a class; null where not all of its partitions are warm here, or they are not as many as thought.</summary>
    public ClassTally? Find(ClassAddress address, int partitions)
    {
        ClassTally? sum = null;
        foreach (var first in PartitionRange.FirstShards(partitions))
        {
            if (!_views.TryGetValue((address, first), out var view) || view.Partitions != partitions) return null;
            var tally = view.Images.Tally();
            sum = sum is null ? tally : ClassTally.Add(sum, tally);
        }
        return sum;
    }

    /// <summary>Shows this view of a partition from now on, or none.</summary>
    internal void Show(ClassAddress address, int firstShard, PartitionView? view)
    {
        if (view is null) _views.TryRemove((address, firstShard), out _);
        else _views[(address, firstShard)] = view;
    }
}

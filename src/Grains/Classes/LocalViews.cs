using System.Collections.Concurrent;
using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// The folds of the partitions that are warm on this silo, for those who only want counters: a look instead of a call, which
/// would wait for its turn among answers. What a partition has acknowledged is in what is seen here. Thread-safe.
/// </summary>
public sealed class LocalViews(IOptions<GrainsOptions> options)
{
    private readonly ConcurrentDictionary<PartitionAddress, PartitionFold> _folds = new();

    /// <summary>
    /// The counters of a class of so many partitions; null where not all of them are warm here and decided by the rules, or the
    /// last is full: there may be one more then.
    /// </summary>
    /// <param name="address">The class.</param>
    /// <param name="partitions">How many it is known to have.</param>
    /// <param name="revision">Of the rules that were told last; null where none was told. An activation that the directory has lost, and that has not ended yet, is told nothing.</param>
    public ClassTally? Find(ClassAddress address, int partitions, int? revision)
    {
        ClassTally? sum = null;
        for (var number = 0; number < partitions; number++)
        {
            if (!_folds.TryGetValue(new PartitionAddress(address, number), out var fold)) return null;
            if (revision is { } told && fold.Rules.Revision != told) return null;
            if (number == partitions - 1 && fold.Images >= options.Value.MaxImagesPerPartition) return null;
            var tally = fold.Tally();
            sum = sum is null ? tally : ClassTally.Add(sum, tally);
        }
        return sum;
    }

    /// <summary>Shows this fold of a partition from now on, or none.</summary>
    internal void Show(PartitionAddress address, PartitionFold? fold)
    {
        if (fold is null) _folds.TryRemove(address, out _);
        else _folds[address] = fold;
    }
}

using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Adds up what parts of a job say of its workers.</summary>
internal sealed class WorkerSums
{
    private readonly Dictionary<WorkerId, WorkerTally> _sums = [];

    public void Add(ImmutableArray<KeyValuePair<WorkerId, WorkerTally>> tallies)
    {
        foreach (var (worker, tally) in tallies) _sums[worker] = _sums.TryGetValue(worker, out var sum) ? sum + tally : tally;
    }

    /// <summary>Adds up what parts of a job say of one worker; null where none says anything.</summary>
    public static WorkerTally? Sum(IEnumerable<WorkerTally?> parts) => parts.OfType<WorkerTally>().Aggregate(default(WorkerTally), (sum, part) => sum is null ? part : sum + part);

    /// <summary>Ordered by id.</summary>
    public ImmutableArray<KeyValuePair<WorkerId, WorkerTally>> ToTallies() => [.. _sums.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal)];
}

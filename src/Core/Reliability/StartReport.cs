using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>The pull of what boxes start with in a job: by class, by worker and in all.</summary>
/// <param name="Classes">Ordered by label; those without a vote that is compared are among them.</param>
/// <param name="Total">All votes.</param>
/// <param name="Workers">Each once, over all classes, ordered by id; those alone who have a vote that is compared.</param>
public sealed record StartReport(
    ImmutableArray<KeyValuePair<Label, StartComparison>> Classes, StartPull Total, ImmutableArray<KeyValuePair<WorkerId, StartPull>> Workers)
{
    /// <param name="tallies">What each worker of a class did; a class or worker that comes more than once is summed up.</param>
    public static StartReport Of(IEnumerable<KeyValuePair<Label, ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>>> tallies)
    {
        var classes = new SortedDictionary<Label, StartComparison>();
        var workers = new Dictionary<WorkerId, List<StartComparison>>();
        foreach (var parts in tallies.GroupBy(entry => entry.Key, entry => entry.Value))
        {
            var ofWorkers = new Dictionary<WorkerId, StartComparison>();
            foreach (var (worker, tally) in parts.SelectMany(part => part))
                if (StartComparison.Of(tally) is var votes && votes != default) ofWorkers[worker] = ofWorkers.GetValueOrDefault(worker) + votes;
            classes[parts.Key] = ofWorkers.Values.Aggregate(default(StartComparison), (sum, votes) => sum + votes);
            foreach (var (worker, votes) in ofWorkers)
            {
                if (!workers.TryGetValue(worker, out var ofWorker)) workers[worker] = ofWorker = [];
                ofWorker.Add(votes);
            }
        }
        return new StartReport(
            [.. classes], StartPull.Of(classes.Values), [.. workers.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, StartPull.Of(entry.Value)))]);
    }
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>The pull of what boxes start with in a job: by class, by worker and in all.</summary>
/// <param name="Classes">Ordered by label; those without a vote that is compared are among them.</param>
/// <param name="Total">All votes.</param>
/// <param name="Workers">Each once, over all classes, ordered by id; those alone who have a vote that is compared.</param>
public sealed record StartReport(
    ImmutableArray<KeyValuePair<Label, StartComparison>> Classes, StartComparison Total, ImmutableArray<KeyValuePair<WorkerId, StartComparison>> Workers)
{
    /// <param name="tallies">What each worker of a class did; a class or worker that comes more than once is summed up.</param>
    public static StartReport Of(IEnumerable<KeyValuePair<Label, ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>>> tallies)
    {
        var classes = new SortedDictionary<Label, StartComparison>();
        var workers = new Dictionary<WorkerId, StartComparison>();
        var total = default(StartComparison);
        foreach (var (label, ofClass) in tallies)
        {
            var sum = default(StartComparison);
            foreach (var (worker, tally) in ofClass)
            {
                var votes = StartComparison.Of(tally);
                if (votes == default) continue;
                sum += votes;
                workers[worker] = workers.GetValueOrDefault(worker) + votes;
            }
            classes[label] = classes.GetValueOrDefault(label) + sum;
            total += sum;
        }
        return new StartReport([.. classes], total, [.. workers.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal)]);
    }
}

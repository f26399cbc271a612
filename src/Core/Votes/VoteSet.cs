using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// The votes of one image, one per worker, ordered by worker. Merging is commutative, associative and idempotent while
/// it stays within <see cref="MaxWorkers"/>: votes may come in any order, split and repeated, and the set ends the same.
/// </summary>
public sealed class VoteSet
{
    /// <summary>The most workers an image holds votes of, so that a row stays far below DynamoDB's 400 KB.</summary>
    public const int MaxWorkers = 256;

    public static readonly VoteSet Empty = new([]);

    private VoteSet(ImmutableArray<Vote> votes)
    {
        Votes = votes;
        foreach (var vote in votes)
        {
            if (vote.Confirmed) Confirms++;
            if (vote.At > LastAt) LastAt = vote.At;
        }
    }

    /// <summary>Ordered by worker id, ordinally.</summary>
    public ImmutableArray<Vote> Votes { get; }

    public int Confirms { get; }

    public int Disconfirms => Votes.Length - Confirms;

    /// <summary>The latest submission time among the votes; <see cref="SubmissionTime.None"/> when there is none.</summary>
    public SubmissionTime LastAt { get; }

    public static VoteSet Of(IEnumerable<Vote> votes) => Empty.Merge(votes, out _);

    /// <summary>Whether <paramref name="worker"/> has voted.</summary>
    public bool Has(WorkerId worker) => Find(Votes, worker) >= 0;

    /// <summary>
    /// This set with <paramref name="votes"/> merged in; the same instance when they change nothing. Votes of new
    /// workers beyond <see cref="MaxWorkers"/> are left out and their workers returned in <paramref name="refused"/>.
    /// </summary>
    public VoteSet Merge(IEnumerable<Vote> votes, out ImmutableArray<WorkerId> refused)
    {
        refused = [];
        var merged = Votes;
        foreach (var vote in votes)
        {
            var index = Find(merged, vote.Worker);
            if (index >= 0)
            {
                if (vote.Replaces(merged[index])) merged = merged.SetItem(index, vote);
            }
            else if (merged.Length >= MaxWorkers)
            {
                refused = refused.Add(vote.Worker);
            }
            else
            {
                merged = merged.Insert(~index, vote);
            }
        }
        return merged == Votes ? this : new VoteSet(merged);
    }

    private static int Find(ImmutableArray<Vote> votes, WorkerId worker)
    {
        int low = 0, high = votes.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(votes[middle].Worker.Value, worker.Value);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1; else high = middle - 1;
        }
        return ~low;
    }
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>The counters of a class, or of a part of one: a fold of facts, and nothing else.</summary>
/// <param name="Buckets">One per bucket of the job's edges, in their order.</param>
/// <param name="Votes">Votes held, one per image and worker.</param>
/// <param name="Tasks">Tasks.</param>
/// <param name="TasksDone">Those whose every image has as many answers as the job asks workers for.</param>
/// <param name="LastVoteAt">The latest submission time of any answer.</param>
/// <param name="Unseen">Images whose picture could not be shown to one worker at least, by the answers that stand.</param>
public sealed record ClassTally(
    ImmutableArray<BucketTally> Buckets, long Votes, long Tasks, long TasksDone, SubmissionTime LastVoteAt, long Unseen)
{
    public static ClassTally Empty(BucketEdges edges) =>
        new([.. new BucketTally[edges.BucketCount]], 0, 0, 0, SubmissionTime.None, 0);

    /// <summary>Images that have an adjudication.</summary>
    public long Adjudicated { get; init; }

    /// <summary>The buckets by what is final: the adjudication where an image has one, and otherwise its verdict. As <see cref="Buckets"/> where none has.</summary>
    public ImmutableArray<BucketTally> Final { get => field.IsDefault ? Buckets : field; init; }

    /// <summary>These counters with the final buckets in the place of those by votes.</summary>
    public ClassTally AsFinal() => this with { Buckets = Final, Final = default };

    /// <summary>All buckets together.</summary>
    public BucketTally All => Buckets.Aggregate(default(BucketTally), BucketTally.Add);

    public static ClassTally operator +(ClassTally left, ClassTally right) => new(
        [.. left.Buckets.Zip(right.Buckets, BucketTally.Add)],
        left.Votes + right.Votes, left.Tasks + right.Tasks, left.TasksDone + right.TasksDone,
        left.LastVoteAt > right.LastVoteAt ? left.LastVoteAt : right.LastVoteAt, left.Unseen + right.Unseen)
    {
        Adjudicated = left.Adjudicated + right.Adjudicated,
        Final = left.Adjudicated + right.Adjudicated == 0 ? default : [.. left.Final.Zip(right.Final, BucketTally.Add)],
    };

    public static ClassTally Add(ClassTally left, ClassTally right) => left + right;

    public bool Equals(ClassTally? other) => other is not null && Buckets.AsSpan().SequenceEqual(other.Buckets.AsSpan())
        && Votes == other.Votes && Tasks == other.Tasks && TasksDone == other.TasksDone && LastVoteAt == other.LastVoteAt && Unseen == other.Unseen
        && Adjudicated == other.Adjudicated && Final.AsSpan().SequenceEqual(other.Final.AsSpan());

    public override int GetHashCode() => HashCode.Combine(All, Votes, Tasks, TasksDone, LastVoteAt, Unseen);
}

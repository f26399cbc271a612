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
        new([.. new BucketTally[edges.BucketCount]], 0, 0, 0, SubmissionTime.None, 0) { Done = [.. new BucketTally[edges.BucketCount]] };

    /// <summary>Images that have an adjudication.</summary>
    public long Adjudicated { get; init; }

    /// <summary>Tasks that are not in the job's sample: nobody is asked about them.</summary>
    public long HeldBack { get; init; }

    /// <summary>Images on which another answer is wanted (<see cref="DoubtRule"/>); null where no further workers are asked, or a release that did not count them had a part.</summary>
    public long? InDoubt { get; init; }

    /// <summary>The buckets by what is final: the adjudication where an image has one, and otherwise its verdict. As <see cref="Buckets"/> where none has.</summary>
    public ImmutableArray<BucketTally> Final { get => field.IsDefault ? Buckets : field; init; }

    /// <summary>
    /// Of each bucket the images of done tasks, by their verdicts from votes: what later answers to these tasks can still turn, but no answer that
    /// a task waits for. Default (not empty) where a release that did not count it had a part in these counters.
    /// </summary>
    public ImmutableArray<BucketTally> Done { get; init; }

    /// <summary>
    /// How many images a bucket has, or all together, and how many of them were reviewed in done tasks. The first answers to a task may say one
    /// thing and all of them another; a sample of whatever has a verdict would be one of what is decided quickly.
    /// </summary>
    /// <param name="bucket">Its index; null for all buckets.</param>
    /// <exception cref="InvalidOperationException"><see cref="Done"/> is not known.</exception>
    public ReviewCounts ReviewsOfDone(int? bucket)
    {
        if (Done.IsDefault) throw new InvalidOperationException("images of done tasks are not counted");
        var (all, done) = bucket is { } index ? (Buckets[index], Done[index]) : (All, Done.Aggregate(default(BucketTally), BucketTally.Add));
        return new(all.Total, done.Reviewed, done.Confirmed);
    }

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
        Done = left.Done.IsDefault || right.Done.IsDefault ? default : [.. left.Done.Zip(right.Done, BucketTally.Add)],
        HeldBack = left.HeldBack + right.HeldBack,
        InDoubt = left.InDoubt is null ? right.InDoubt : left.InDoubt + (right.InDoubt ?? 0),
        Final = left.Adjudicated + right.Adjudicated == 0 ? default : [.. left.Final.Zip(right.Final, BucketTally.Add)],
    };

    public static ClassTally Add(ClassTally left, ClassTally right) => left + right;

    public bool Equals(ClassTally? other) => other is not null && Buckets.AsSpan().SequenceEqual(other.Buckets.AsSpan())
        && Votes == other.Votes && Tasks == other.Tasks && TasksDone == other.TasksDone && LastVoteAt == other.LastVoteAt && Unseen == other.Unseen
        && Adjudicated == other.Adjudicated && HeldBack == other.HeldBack && InDoubt == other.InDoubt && Final.AsSpan().SequenceEqual(other.Final.AsSpan())
        && Done.IsDefault == other.Done.IsDefault && Done.AsSpan().SequenceEqual(other.Done.AsSpan());

    public override int GetHashCode() => HashCode.Combine(All, Votes, Tasks, TasksDone, LastVoteAt, Unseen);
}

namespace BulkQA.Core;

/// <summary>How many images there are, how many of them have a verdict, and how many are Confirmed.</summary>
public readonly record struct ReviewCounts(long Images, long Reviewed, long Confirmed)
{
    /// <summary>Reviewed and not Confirmed.</summary>
    public long Incorrect => Reviewed - Confirmed;

    public static ReviewCounts operator +(ReviewCounts left, ReviewCounts right) =>
        new(left.Images + right.Images, left.Reviewed + right.Reviewed, left.Confirmed + right.Confirmed);

    public static ReviewCounts Add(ReviewCounts left, ReviewCounts right) => left + right;

    public static ReviewCounts Of(BucketTally tally) => new(tally.Total, tally.Reviewed, tally.Confirmed);
}

/// <param name="Step">In hundredths of a percent, 0 to <see cref="FineHistogram.MaxStep"/>: confidences from it up to the next.</param>
public readonly record struct FineStep(int Step, ReviewCounts Counts);

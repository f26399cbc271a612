namespace BulkQA.Core;

/// <summary>How many images of a bucket have which verdict.</summary>
public readonly record struct BucketTally(long Total, long Confirmed, long Disconfirmed, long Split)
{
    public long Reviewed => Confirmed + Disconfirmed + Split;

    /// <summary>Reviewed and not Confirmed.</summary>
    public long Incorrect => Disconfirmed + Split;

    /// <summary>Confirmed of reviewed, from 0 to 100; null when nothing is reviewed.</summary>
    public double? CorrectPercent => Reviewed == 0 ? null : 100.0 * Confirmed / Reviewed;

    /// <summary>This with <paramref name="images"/> more images of that verdict (fewer, where negative).</summary>
    public BucketTally Add(Verdict verdict, int images) => new(
        Total + images,
        Confirmed + (verdict == Verdict.Confirmed ? images : 0),
        Disconfirmed + (verdict == Verdict.Disconfirmed ? images : 0),
        Split + (verdict == Verdict.Split ? images : 0));

    public static BucketTally operator +(BucketTally left, BucketTally right) => new(
        left.Total + right.Total, left.Confirmed + right.Confirmed,
        left.Disconfirmed + right.Disconfirmed, left.Split + right.Split);

    public static BucketTally Add(BucketTally left, BucketTally right) => left + right;
}

using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// For how many images of its class and bucket a reviewed one stands: what the bucket holds, divided by what is reviewed of it. Sums over reviewed images
/// times their weights are unbiased about the whole corpus, where what is reviewed of each bucket is as good as drawn at random (D. G. Horvitz and
/// D. J. Thompson, "A generalization of sampling without replacement from a finite universe", Journal of the American Statistical Association 47 (1952)).
/// Counters are those of one moment: images that are reviewed while an export runs have the weights of when it began.
/// </summary>
internal sealed class ReviewWeights
{
    private readonly BucketEdges _edges;
    private readonly Dictionary<string, ClassTally> _classes;

    private ReviewWeights(JobTallies tallies) =>
        (_edges, _classes) = (tallies.Job.Settings.BucketEdges, tallies.Classes.ToDictionary(entry => entry.Key.Value, entry => entry.Value, StringComparer.Ordinal));

    /// <param name="tallies">The job's counters, by votes or by adjudications as the verdicts are.</param>
    public static ReviewWeights Of(JobTallies tallies) => new(tallies);

    /// <summary>1 or more; 0 of an image that is not reviewed.</summary>
    public double Of(ImageResponse image)
    {
        if (image.Verdict == Verdict.Unreviewed) return 0;
        // Its class has come since the counters were read.
        if (!_classes.TryGetValue(image.Label, out var tally)) return 1;
        var bucket = tally.Buckets[_edges.IndexOf(Percent.TryCreate(image.Confidence ?? double.NaN, out var confidence) ? confidence : null)];
        // It may have come, or have been reviewed, since the counters were read.
        return Math.Max(1, bucket.Total / (double)Math.Max(1, bucket.Reviewed));
    }
}

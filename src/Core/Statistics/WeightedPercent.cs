namespace BulkQA.Core;

/// <summary>How right images are of which different parts were reviewed unlike: each part weighs by its images (<see cref="StratifiedShare"/>).</summary>
/// <param name="Percent">From 0 to 100; null where a part that has images has no reviews.</param>
/// <param name="StandardError">In percentage points; null where a part has a single review, or the percentage is null.</param>
/// <param name="Lower">In percent; two-sided with <paramref name="Upper"/>, at the level asked for.</param>
public sealed record WeightedPercent(double? Percent, double? StandardError, double Lower, double Upper)
{
    /// <param name="strata">The parts, each reviewed in random order.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    public static WeightedPercent Of(IEnumerable<BucketTally> strata, double level)
    {
        var (share, error, (lower, upper)) = StratifiedShare.Of(strata.Select(ReviewCounts.Of), level);
        return new WeightedPercent(100 * share, 100 * error, 100 * lower, 100 * upper);
    }
}

using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>From which confidence up a class's labels can be trusted.</summary>
/// <param name="Threshold">In percent; null where no bucket can be trusted ("do not ship").</param>
/// <param name="Reason">Why it is that, for people.</param>
public sealed record ClassThreshold(string Label, double? Threshold, string Reason)
{
    /// <summary>Images of the class at or above the threshold; 0 without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Images { get; init; }

    /// <summary>Those of all images of the class, from 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Shipped { get; init; }

    /// <summary>Incorrect images among them to be expected, by the share among those reviewed; absent when none is reviewed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ExpectedIncorrect { get; init; }

    /// <summary>Incorrect images among them at most, by the exact one-sided bound at the level for this threshold alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? UpperIncorrect { get; init; }

    /// <summary>What there is from each confidence up, where it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ThresholdPoint>? Curve { get; init; }

    /// <summary>
    /// From the highest interval down, goes on while incorrect/correct stays within <paramref name="maxIncorrectPerCorrect"/>;
    /// the threshold is the upper edge of the first interval that fails. An interval without images can't fail; one with
    /// images of which none is reviewed does, because nothing vouches for them.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="tally">Its counters.</param>
    /// <param name="edges">The job's bucket edges.</param>
    /// <param name="maxIncorrectPerCorrect">The accepted ratio, such as 0.1 for one in ten; zero or more.</param>
    public static ClassThreshold Of(Label label, ClassTally tally, BucketEdges edges, double maxIncorrectPerCorrect)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxIncorrectPerCorrect);
        return Walk(label, tally, edges, (name, bucket) => bucket.Reviewed > 0 && bucket.Incorrect <= maxIncorrectPerCorrect * bucket.Confirmed ? null
            : FormattableString.Invariant($"{name} has {bucket.Incorrect} incorrect to {bucket.Confirmed} correct, more than {maxIncorrectPerCorrect:R} to 1"));
    }

    /// <summary>
    /// The same walk with certainty: an interval passes when the upper bound of its images' error ratio, by the exact one-sided bound of a
    /// finite population at the level, stays within the accepted one. Whatever the number of intervals, with the level's probability at least
    /// none that passes exceeds it: the first that would is tested only once, and the walk ends where it fails (fixed-sequence testing).
    /// Where everything is reviewed it is the published walk. Holds where the images reviewed are as good as drawn at random from each interval.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    public static ClassThreshold Bounded(Label label, ClassTally tally, BucketEdges edges, double maxIncorrectPerCorrect, double level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxIncorrectPerCorrect);
        Interval.CheckLevel(level);
        return Walk(label, tally, edges, (name, bucket) =>
        {
            var incorrect = HypergeometricInterval.UpperCount(bucket.Incorrect, bucket.Reviewed, bucket.Total, 1 - level);
            return incorrect <= maxIncorrectPerCorrect * (bucket.Total - incorrect) ? null
                : FormattableString.Invariant(
                    $"{name} may have {incorrect} incorrect to {bucket.Total - incorrect} correct (seen {bucket.Incorrect} in {bucket.Reviewed} of {bucket.Total}), more than {maxIncorrectPerCorrect:R} to 1");
        });
    }

    /// <summary>This with what it covers.</summary>
    /// <param name="above">Images at or above the threshold.</param>
    /// <param name="all">Images of the class, without a confidence too.</param>
    /// <param name="level">Of the bound; above 0 and below 1.</param>
    public ClassThreshold Covering(ReviewCounts above, ReviewCounts all, double level)
    {
        if (Threshold is null) above = default;
        return this with
        {
            Images = above.Images,
            Shipped = all.Images == 0 ? 0 : (double)above.Images / all.Images,
            ExpectedIncorrect = above.Images == 0 ? 0 : above.Reviewed == 0 ? null : (double)above.Images * above.Incorrect / above.Reviewed,
            UpperIncorrect = HypergeometricInterval.UpperCount(above.Incorrect, above.Reviewed, above.Images, 1 - level),
        };
    }

    /// <summary>This with what it covers, where it is the edge of a bucket. Of a job that is sampled each bucket weighs by its images.</summary>
    /// <inheritdoc cref="Covering(ReviewCounts, ReviewCounts, double)"/>
    public ClassThreshold Covering(ClassTally tally, BucketEdges edges, double level, bool isSampled = false)
    {
        var above = Enumerable.Range(0, edges.BucketCount).Where(bucket => edges.BoundsOf(bucket).From is { } from && from >= Threshold && edges.KindOf(bucket) != BucketKind.Underflow)
            .Select(bucket => ReviewCounts.Of(tally.Buckets[bucket])).ToList();
        var pooled = above.Aggregate(default(ReviewCounts), ReviewCounts.Add);
        var covering = Covering(pooled, ReviewCounts.Of(tally.All), level);
        if (!isSampled || pooled.Images == 0) return covering;
        // One-sided at the level, as the upper end of a two-sided interval with twice the error.
        var (share, _, (lower, _)) = StratifiedShare.Of(above, Math.Max(0.01, 1 - (2 * (1 - level))));
        return covering with { ExpectedIncorrect = share is { } right ? pooled.Images * (1 - right) : null, UpperIncorrect = (long)Math.Ceiling((pooled.Images * (1 - lower)) - 1e-9) };
    }

    /// <param name="label">The class.</param>
    /// <param name="tally">Its counters.</param>
    /// <param name="edges">The job's bucket edges.</param>
    /// <param name="whyNot">Why a bucket of that name that has images and reviews fails; null where it passes.</param>
    private static ClassThreshold Walk(Label label, ClassTally tally, BucketEdges edges, Func<string, BucketTally, string?> whyNot)
    {
        if (Enumerable.Range(0, edges.IntervalCount).All(bucket => tally.Buckets[bucket].Reviewed == 0))
            return new ClassThreshold(label.Value, null, "no image of the class is reviewed in any bucket");
        for (var index = edges.IntervalCount - 1; index >= 0; index--)
        {
            var bucket = tally.Buckets[index];
            if (bucket.Total == 0) continue;
            var why = bucket.Reviewed == 0 ? $"none of the {bucket.Total} images in {edges.NameOf(index)} is reviewed" : whyNot(edges.NameOf(index), bucket);
            if (why is null) continue;
            return index == edges.IntervalCount - 1
                ? new ClassThreshold(label.Value, null, why)
                : new ClassThreshold(label.Value, edges.Values[index + 1], why);
        }
        return new ClassThreshold(label.Value, edges.Values[0], "every bucket stays within the accepted ratio");
    }
}

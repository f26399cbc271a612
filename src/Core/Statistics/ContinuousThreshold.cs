using System.Globalization;

namespace BulkQA.Core;

/// <summary>Thresholds at any confidence, to 0.01 %, instead of at the edges of buckets.</summary>
public static class ContinuousThreshold
{
    /// <summary>
    /// The lowest confidence that has reviews and from which on all reviewed images together meet the target: a point estimate, half of the
    /// time too low.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="curve">Its counts.</param>
    /// <param name="targetPrecision">Share of the shipped images that has to be correct, 0 to 1.</param>
    /// <returns>The threshold without its coverage, and its index in the curve.</returns>
    public static (ClassThreshold Threshold, int? At) ByEstimate(Label label, ThresholdCurve curve, double targetPrecision)
    {
        Check(targetPrecision);
        int? found = null;
        for (var at = 0; at < curve.AtOrAbove.Length; at++)
        {
            var counts = curve.AtOrAbove[at].Counts;
            if (curve.IsReviewedAt(at) && counts.Confirmed >= (targetPrecision * counts.Reviewed) - 1e-9) found = at;
        }
        return Answer(label, curve, found, at => $"{Tell(at)}, {Target(targetPrecision)} at least", $"at no confidence {Target(targetPrecision)} of the reviewed images at or above it are correct");
    }

    /// <summary>
    /// The lowest confidence from which on all images together meet the target for certain: with the level's probability at least,
    /// whatever thresholds were looked at. See <see cref="FixedSequence"/> for how.
    /// </summary>
    /// <inheritdoc cref="ByEstimate"/>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    public static (ClassThreshold Threshold, int? At) ByLowerBound(Label label, ThresholdCurve curve, double targetPrecision, double level)
    {
        Interval.CheckLevel(level);
        return ByTest(label, curve, targetPrecision, 1 - level);
    }

    /// <summary>The same by the error: a small one is a level that a number can't tell from 1.</summary>
    /// <param name="label">The class.</param>
    /// <param name="curve">Its counts.</param>
    /// <param name="targetPrecision">Share of the shipped images that has to be correct, 0 to 1.</param>
    /// <param name="error">Above 0 and below 1.</param>
    internal static (ClassThreshold Threshold, int? At) ByTest(Label label, ThresholdCurve curve, double targetPrecision, double error)
    {
        Check(targetPrecision);
        var found = FixedSequence.LowestAccepted(curve.AtOrAbove, targetPrecision, error);
        var level = error < 1e-6 ? "more than 99.9999 %" : Target(1 - error);
        return Answer(
            label, curve, found, at => $"{Tell(at)}: {Target(targetPrecision)} of all {at.Images} at least, with {level} certainty",
            $"for no confidence reviews show with {level} certainty that {Target(targetPrecision)} of the images at or above it are correct");
    }

    private static (ClassThreshold Threshold, int? At) Answer(Label label, ThresholdCurve curve, int? found, Func<ReviewCounts, string> why, string whyNot)
    {
        if (found is { } at) return (new ClassThreshold(label.Value, FineHistogram.ConfidenceOf(curve.AtOrAbove[at].Step), why(curve.AtOrAbove[at].Counts)), at);
        if (curve.AtOrAbove.IsEmpty) whyNot = "no image of the class has a confidence";
        else if (curve.AtOrAbove[^1].Counts.Reviewed == 0) whyNot = "no image of the class that has a confidence is reviewed";
        return (new ClassThreshold(label.Value, null, whyNot), null);
    }

    private static string Tell(ReviewCounts counts) => $"{counts.Confirmed} of the {counts.Reviewed} reviewed images at or above it are correct";

    private static string Target(double share) => (100 * share).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static void Check(double targetPrecision)
    {
        if (!(targetPrecision is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(targetPrecision), targetPrecision, "not from 0 to 1");
    }
}

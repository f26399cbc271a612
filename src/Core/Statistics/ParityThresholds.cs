using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>One accepted error ratio for all classes, and from where up each of them keeps it.</summary>
public static class ParityThresholds
{
    /// <summary>The thresholds of all classes, in their order, without coverage, and each one's index in its curve.</summary>
    /// <param name="classes">Each with its counts.</param>
    /// <param name="maxIncorrectPerCorrect">The accepted ratio, such as 0.1 for one in ten; zero or more.</param>
    /// <param name="level">
    /// Null for point estimates. Otherwise with the level's probability at least every class keeps the ratio: the error is shared equally
    /// by the classes that have reviews (Bonferroni).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is negative or not a number, or the level not above 0 and below 1.</exception>
    public static ImmutableArray<(ClassThreshold Threshold, int? At)> Of(
        IReadOnlyCollection<(Label Label, ThresholdCurve Curve)> classes, double maxIncorrectPerCorrect, double? level)
    {
        if (!(maxIncorrectPerCorrect >= 0)) throw new ArgumentOutOfRangeException(nameof(maxIncorrectPerCorrect), maxIncorrectPerCorrect, "not a number from 0 up");
        var precision = 1 / (1 + maxIncorrectPerCorrect);
        if (level is not { } certain) return [.. classes.Select(entry => ContinuousThreshold.ByEstimate(entry.Label, entry.Curve, precision))];
        Interval.CheckLevel(certain);
        var tested = Math.Max(1, classes.Count(entry => entry.Curve.All.Reviewed > 0));
        return [.. classes.Select(entry => ContinuousThreshold.ByLowerBound(entry.Label, entry.Curve, precision, 1 - ((1 - certain) / tested)))];
    }
}

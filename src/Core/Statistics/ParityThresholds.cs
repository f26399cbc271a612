namespace BulkQA.Core;

/// <summary>One accepted error ratio for all classes, and from where up each of them keeps it.</summary>
public static class ParityThresholds
{
    /// <summary>The threshold of one of the classes, without coverage, and its index in the curve.</summary>
    /// <param name="label">The class.</param>
    /// <param name="curve">Its counts.</param>
    /// <param name="maxIncorrectPerCorrect">The accepted ratio, such as 0.1 for one in ten; zero or more.</param>
    /// <param name="level">
    /// Null for point estimates. Otherwise with the level's probability at least every one of the classes keeps the ratio: the error is shared
    /// equally by them (Bonferroni).
    /// </param>
    /// <param name="classes">How many classes of the job have reviews, whether or not they are asked about.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is negative or not a number, or the level not above 0 and below 1.</exception>
    public static (ClassThreshold Threshold, int? At) Of(Label label, ThresholdCurve curve, double maxIncorrectPerCorrect, double? level, int classes)
    {
        var precision = PrecisionOf(maxIncorrectPerCorrect);
        return level is { } all ? ContinuousThreshold.ByTest(label, curve, precision, ErrorOfEach(all, classes)) : ContinuousThreshold.ByEstimate(label, curve, precision);
    }

    /// <summary>The error that each of the classes is tested at, so that all of them together have the given level.</summary>
    private static double ErrorOfEach(double level, int classes)
    {
        Interval.CheckLevel(level);
        return (1 - level) / Math.Max(1, classes);
    }

    /// <summary>The share of correct images at that ratio of incorrect ones to correct ones.</summary>
    public static double PrecisionOf(double maxIncorrectPerCorrect) => maxIncorrectPerCorrect >= 0 ? 1 / (1 + maxIncorrectPerCorrect)
        : throw new ArgumentOutOfRangeException(nameof(maxIncorrectPerCorrect), maxIncorrectPerCorrect, "not a number from 0 up");
}

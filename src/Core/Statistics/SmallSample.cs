using System.Globalization;

namespace BulkQA.Core;

/// <summary>Says of a percentage that it is of few images.</summary>
public static class SmallSample
{
    /// <summary>From so many reviewed images on nothing is said: one of them moves the percentage by 3 points or less there.</summary>
    public const int Enough = 30;

    /// <summary>How few images were reviewed, and what that does to the percentage; null where there are enough, none, or all there are and only these are asked about.</summary>
    public static string? WarningOf(BucketTally counts, Scope scope) =>
        counts.Reviewed is 0 or >= Enough || (scope == Scope.Corpus && counts.Reviewed == counts.Total) ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"small sample: {counts.Reviewed} reviewed, fewer than {Enough}; one image judged otherwise moves the percentage by {100.0 / counts.Reviewed:0} points");
}

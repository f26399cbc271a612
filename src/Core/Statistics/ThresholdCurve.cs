using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>What there is at or above a confidence.</summary>
/// <param name="Threshold">The confidence, in percent.</param>
/// <param name="Images">Images at or above it.</param>
/// <param name="Reviewed">Of those.</param>
/// <param name="CorrectPercent">Confirmed of reviewed, at or above it; null when nothing is reviewed.</param>
/// <param name="LowerPercent">
/// Lower bound of the percent correct of all images at or above it, at the level for this point alone.
/// </param>
/// <param name="SmoothedPercent">Percent correct just at it, by isotonic regression; null when nothing is reviewed.</param>
/// <param name="Cost">Of shipping what is at or above it, where costs were given.</param>
public sealed record ThresholdPoint(
    double Threshold, long Images, long Reviewed, double? CorrectPercent, double LowerPercent, double? SmoothedPercent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Cost = null);

/// <summary>The counts of a class from each of its confidences up: what thresholds are chosen from.</summary>
public sealed class ThresholdCurve
{
    /// <summary>Points of a curve that is shown, at most.</summary>
    public const int MaxPoints = 200;

    private readonly FineHistogram _histogram;

    public ThresholdCurve(FineHistogram histogram)
    {
        _histogram = histogram;
        All = histogram.All;
        var above = ImmutableArray.CreateBuilder<FineStep>(histogram.Steps.Length);
        var sum = default(ReviewCounts);
        for (var at = histogram.Steps.Length - 1; at >= 0; at--)
        {
            sum += histogram.Steps[at].Counts;
            above.Add(new FineStep(histogram.Steps[at].Step, sum));
        }
        AtOrAbove = above.MoveToImmutable();
    }

    /// <summary>All images of the class, without a confidence too.</summary>
    public ReviewCounts All { get; }

    /// <summary>For each step that has images, from the highest down, the images at or above it.</summary>
    public ImmutableArray<FineStep> AtOrAbove { get; }

    /// <summary>
    /// Whether images of that very step are reviewed. A threshold by estimate moves to no other: what lies below the last review would be
    /// shipped on nobody's word.
    /// </summary>
    /// <param name="at">Index in <see cref="AtOrAbove"/>.</param>
    public bool IsReviewedAt(int at) => AtOrAbove[at].Counts.Reviewed > (at == 0 ? 0 : AtOrAbove[at - 1].Counts.Reviewed);

    /// <summary>How often labels are right at each step, smoothed.</summary>
    public IsotonicRegression Smoothed => field ??= IsotonicRegression.Fit(_histogram.Steps);

    /// <summary>Evenly chosen points from the highest confidence down, the last and the chosen one among them.</summary>
    /// <param name="level">Of the lower bounds, one-sided.</param>
    /// <param name="chosen">Index in <see cref="AtOrAbove"/>; null for none.</param>
    /// <param name="costs">By index; null for none.</param>
    public ImmutableArray<ThresholdPoint> Points(double level, int? chosen = null, IReadOnlyList<double>? costs = null)
    {
        Interval.CheckLevel(level);
        var shown = Math.Min(AtOrAbove.Length, MaxPoints - 1);
        var indices = Enumerable.Range(1, shown).Select(point => (int)((long)point * AtOrAbove.Length / shown) - 1);
        if (chosen is { } extra) indices = indices.Append(extra).Distinct().Order();
        return [.. indices.Select(index => Point(index, level, costs?[index]))];
    }

    private ThresholdPoint Point(int index, double level, double? cost)
    {
        var (step, counts) = AtOrAbove[index];
        return new ThresholdPoint(
            FineHistogram.ConfidenceOf(step), counts.Images, counts.Reviewed, counts.Reviewed == 0 ? null : 100.0 * counts.Confirmed / counts.Reviewed,
            100.0 * (counts.Images - HypergeometricInterval.UpperCount(counts.Incorrect, counts.Reviewed, counts.Images, 1 - level)) / counts.Images,
            100 * Smoothed.ShareAt(step), cost);
    }
}

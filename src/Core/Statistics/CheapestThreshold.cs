using System.Globalization;

namespace BulkQA.Core;

/// <summary>The threshold that costs least, where a wrong label that is shipped and a right one that is not have their prices.</summary>
public static class CheapestThreshold
{
    /// <summary>
    /// Images are taken to be right as often as isotonic regression says of their confidence. Of thresholds that cost the same, the one that
    /// ships more. It lies at a confidence that has reviews.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="curve">Its counts.</param>
    /// <param name="costFalsePositive">Of one wrong label shipped; 0 or more.</param>
    /// <param name="costLostTruePositive">Of one right label not shipped; 0 or more.</param>
    /// <returns>
    /// The threshold without its coverage (none where shipping nothing is cheapest), its index in the curve, and the cost of each
    /// threshold of the curve.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A cost is negative or not a finite number.</exception>
    public static (ClassThreshold Threshold, int? At, double[] Costs) Of(Label label, ThresholdCurve curve, double costFalsePositive, double costLostTruePositive)
    {
        foreach (var cost in (double[])[costFalsePositive, costLostTruePositive])
            if (!(cost >= 0 && double.IsFinite(cost))) throw new ArgumentOutOfRangeException(nameof(costFalsePositive), cost, "not a number from 0 up");
        if (curve.Smoothed.Blocks.IsEmpty) return (new ClassThreshold(label.Value, null, "no image of the class that has a confidence is reviewed"), null, new double[curve.AtOrAbove.Length]);
        var nothing = 0.0;
        // First how much each step changes, then the sums. Steps go down, and with them the blocks that give their shares.
        var costs = new double[curve.AtOrAbove.Length];
        var (blocks, block) = (curve.Smoothed.Blocks, curve.Smoothed.Blocks.Length - 1);
        for (var at = 0; at < costs.Length; at++)
        {
            var (step, counts) = curve.AtOrAbove[at];
            while (block > 0 && blocks[block].From > step) block--;
            var images = counts.Images - (at == 0 ? 0 : curve.AtOrAbove[at - 1].Counts.Images);
            var share = blocks[block].Share;
            nothing += images * share * costLostTruePositive;
            costs[at] = images * (((1 - share) * costFalsePositive) - (share * costLostTruePositive));
        }
        var (least, found) = (nothing, default(int?));
        for (var at = 0; at < costs.Length; at++)
        {
            costs[at] += at == 0 ? nothing : costs[at - 1];
            if (curve.IsReviewedAt(at) && costs[at] <= least + (1e-12 * nothing)) (least, found) = (costs[at], at);
        }
        var text = $"shipping nothing costs {Tell(nothing)}";
        if (found is not { } chosen) return (new ClassThreshold(label.Value, null, $"{text}, every threshold more"), null, costs);
        return (new ClassThreshold(label.Value, FineHistogram.ConfidenceOf(curve.AtOrAbove[chosen].Step), $"costs {Tell(Math.Max(0, least))}, the least; {text}"), chosen, costs);
    }

    private static string Tell(double cost) => cost.ToString("0.##", CultureInfo.InvariantCulture);
}

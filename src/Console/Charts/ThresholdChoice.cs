namespace BulkQA.Web;

/// <summary>What comes of shipping the images of a class from a confidence on, by the curve that REST gives.</summary>
/// <param name="Threshold">The confidence that was chosen, in percent.</param>
/// <param name="Shipped">Images at or above it.</param>
/// <param name="Kept">Images below it.</param>
/// <param name="CorrectPercent">Of the reviewed images at or above it; null where none is.</param>
/// <param name="LowerPercent">What that is at least, at the level of the curve.</param>
/// <param name="WrongShipped">How many of those shipped are likely wrong; null where nothing says.</param>
/// <param name="RightKept">How many of those below it are likely right; null where nothing says.</param>
public sealed record ThresholdChoice(double Threshold, long Shipped, long Kept, double? CorrectPercent, double LowerPercent, double? WrongShipped, double? RightKept)
{
    /// <returns>Null where there is no curve.</returns>
    public static ThresholdChoice? Of(IReadOnlyList<ThresholdPointModel> curve, double threshold)
    {
        if (curve.Count == 0) return null;
        // Points go down from the highest confidence, and each counts what is at or above it.
        var all = curve.MaxBy(point => point.Images)!;
        var at = curve.Where(point => point.Threshold >= threshold).MaxBy(point => point.Images);
        var (shipped, right) = at is null ? (0L, (double?)0) : (at.Images, Right(at));
        return new ThresholdChoice(threshold, shipped, all.Images - shipped, at?.CorrectPercent, at?.LowerPercent ?? 0, shipped - right, Right(all) - right);
    }

    /// <summary>How many of the images of a point are right, if those not reviewed are as those that are; null where none is reviewed.</summary>
    private static double? Right(ThresholdPointModel point) => point.CorrectPercent is { } percent ? point.Images * percent / 100 : null;
}

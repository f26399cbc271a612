namespace BulkQA.Core;

/// <summary>One number that makes all predictions more or less sure: the logarithm of the odds is divided by it.</summary>
/// <param name="Temperature">Above 1: predictions were too sure. From 1 / <see cref="Limit"/> to <see cref="Limit"/>.</param>
public readonly record struct TemperatureScaling(double Temperature)
{
    public const double Limit = 100;

    /// <summary>
    /// Of the greatest likelihood, within the limits. Guo et al. (2017), section 4.2, for the one probability that a corpus gives with a label.
    /// </summary>
    /// <param name="predictions">Probabilities above 0 and below 1.</param>
    /// <returns>1 where nothing is reviewed.</returns>
    public static TemperatureScaling Fit(IReadOnlyList<Prediction> predictions)
    {
        if (!predictions.Any(prediction => prediction.Reviewed > 0)) return new TemperatureScaling(1);
        (double Logit, long Reviewed, long Confirmed)[] known = [.. predictions.Select(prediction => (Logit(prediction.Probability), prediction.Reviewed, prediction.Confirmed))];
        // The negative log-likelihood is convex in the inverse: Newton's steps, kept within what is known to hold the root of its slope.
        var (low, high, inverse) = (1 / Limit, Limit, 1.0);
        for (var round = 0; round < 60 && high - low > 1e-12 * high; round++)
        {
            var (slope, curvature) = Slope(known, inverse);
            if (slope < 0) low = inverse;
            else high = inverse;
            var next = inverse - (slope / curvature);
            if (Math.Abs(next - inverse) < 1e-10 * inverse) break;
            inverse = next > low && next < high ? next : Math.Sqrt(low * high);
        }
        return new TemperatureScaling(1 / inverse);
    }

    /// <summary>What a predicted probability becomes.</summary>
    public double Map(double probability) => Sigmoid(Logit(probability) / Temperature);

    private static (double Slope, double Curvature) Slope((double Logit, long Reviewed, long Confirmed)[] known, double inverse)
    {
        var (slope, curvature) = (0.0, double.Epsilon);
        foreach (var (logit, reviewed, confirmed) in known)
        {
            var share = Sigmoid(logit * inverse);
            slope += logit * ((reviewed * share) - confirmed);
            curvature += logit * logit * reviewed * share * (1 - share);
        }
        return (slope, curvature);
    }

    private static double Logit(double probability) => Math.Log(probability / (1 - probability));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

using MathNet.Numerics.Distributions;

namespace BulkQA.Core;

/// <summary>How many images are right, where each is with a probability of its own, as under a reliability model.</summary>
/// <param name="Images">Of how many.</param>
/// <param name="Mean">The expected number.</param>
/// <param name="Lower">The number is below this with half the error's probability at most.</param>
/// <param name="Upper">The number is above this with half the error's probability at most.</param>
public sealed record ExpectedCorrect(long Images, double Mean, long Lower, long Upper)
{
    /// <summary>Up to so many uncertain images the distribution is added up term by term.</summary>
    public const int MaxExact = 2_000;

    /// <summary>
    /// The Poisson-binomial distribution of the number, taking images as independent given their posteriors and the model as right: what
    /// the model itself is unsure of is not in it. Exact up to <see cref="MaxExact"/> images that are not certain; beyond, the refined
    /// normal approximation (A. Yu. Volkova, Theory of Probability and its Applications 40 (1996); Y. Hong, "On computing the distribution
    /// function for the Poisson binomial distribution", Computational Statistics and Data Analysis 59 (2013)), off by one image at most.
    /// </summary>
    /// <param name="posteriors">Each from 0 to 1.</param>
    /// <param name="level">Two-sided, such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static ExpectedCorrect Of(IEnumerable<double> posteriors, double level) => Of(PosteriorSums.Of(posteriors), level);

    /// <param name="sums">Of the posteriors of all images.</param>
    /// <param name="level">Two-sided, such as 0.95; above 0 and below 1.</param>
    /// <inheritdoc cref="Of(IEnumerable{double}, double)"/>
    public static ExpectedCorrect Of(PosteriorSums sums, double level)
    {
        Interval.CheckLevel(level);
        var tail = (1 - level) / 2;
        var (lower, upper) = sums.IsExact ? Exact(sums.Each.AsSpan(), tail) : Refined(sums, tail);
        return new ExpectedCorrect(sums.Images, sums.Certain + sums.Mean, sums.Certain + lower, sums.Certain + upper);
    }

    internal static (long Lower, long Upper) Exact(ReadOnlySpan<double> posteriors, double tail)
    {
        var chances = new double[posteriors.Length + 1];
        chances[0] = 1;
        for (var known = 0; known < posteriors.Length; known++)
        {
            for (var right = known + 1; right > 0; right--) chances[right] = (chances[right] * (1 - posteriors[known])) + (chances[right - 1] * posteriors[known]);
            chances[0] *= 1 - posteriors[known];
        }
        var (lower, upper, below, above) = (0, posteriors.Length, 0.0, 0.0);
        while (lower < posteriors.Length && below + chances[lower] <= tail) below += chances[lower++];
        while (upper > lower && above + chances[upper] <= tail) above += chances[upper--];
        return (lower, upper);
    }

    internal static (long Lower, long Upper) Refined(PosteriorSums sums, double tail)
    {
        var (images, mean, variance, third) = (sums.Uncertain, sums.Mean, sums.Variance, sums.Third);
        var deviation = Math.Sqrt(variance);
        var skewness = third / (variance * deviation);
        double AtMost(double right)
        {
            var x = (right + 0.5 - mean) / deviation;
            return Normal.CDF(0, 1, x) + (skewness * (1 - (x * x)) * Normal.PDF(0, 1, x) / 6);
        }
        // Where the normal alone would have them, then by steps.
        var reach = -Normal.InvCDF(0, 1, tail) * deviation;
        var lower = Math.Max(0, (long)(mean - reach) - 3);
        while (lower < images && AtMost(lower) <= tail) lower++;
        var upper = Math.Min(images, (long)(mean + reach) + 3);
        while (upper > lower && 1 - AtMost(upper - 1) <= tail) upper--;
        return (lower, upper);
    }
}

using MathNet.Numerics.Distributions;

namespace BulkQA.Core;

/// <summary>Two-sided confidence intervals for a share, from 0 to 1, of which so many of so many independent trials succeeded.</summary>
public static class BinomialInterval
{
    /// <summary>Three megabytes at most.</summary>
    private const int Remembered = 1 << 15;

    private static readonly Memo<(long Successes, long Trials, double Tail), Interval> _clopperPearson = new(key => Compute(key.Successes, key.Trials, key.Tail), Remembered);

    /// <summary>
    /// The exact interval: it covers the true share with the level's probability at least, whatever the share is. Ends are quantiles of the
    /// Beta distribution, to 1e-9 up to ten million trials. C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
    /// illustrated in the case of the binomial", Biometrika 26 (1934).
    /// </summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">0 or more; without any, the interval is all from 0 to 1.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static Interval ClopperPearson(long successes, long trials, double level)
    {
        Check(successes, trials, level);
        return _clopperPearson[(successes, trials, (1 - level) / 2)];
    }

    private static Interval Compute(long successes, long trials, double tail)
    {
        var failures = trials - successes;
        return new Interval(
            successes == 0 ? 0 : Beta.InvCDF(successes, failures + 1, tail),
            failures == 0 ? 1 : Beta.InvCDF(successes + 1, failures, 1 - tail));
    }

    /// <summary>
    /// The score interval: narrower, and right in the mean of shares only. E. B. Wilson, "Probable inference, the law of succession, and
    /// statistical inference", Journal of the American Statistical Association 22 (1927).
    /// </summary>
    /// <inheritdoc cref="ClopperPearson"/>
    public static Interval Wilson(long successes, long trials, double level)
    {
        Check(successes, trials, level);
        if (trials == 0) return new Interval(0, 1);
        return Score((double)successes / trials, trials, level);
    }

    /// <summary>The score interval around a share of so many trials, which need not be a whole number: weighted samples count as of fewer than were drawn.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="trials">Above 0.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    internal static Interval Score(double share, double trials, double level)
    {
        var z = -Normal.InvCDF(0, 1, (1 - level) / 2);
        var square = z * z / trials;
        var center = share + (square / 2);
        var width = Math.Sqrt((share * (1 - share) * square) + (square * square / 4));
        // Rounding would leave an end that is 0 or 1 next to it.
        return new Interval(share <= 0 ? 0 : (center - width) / (1 + square), share >= 1 ? 1 : (center + width) / (1 + square));
    }

    private static void Check(long successes, long trials, double level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        Interval.CheckLevel(level);
    }
}

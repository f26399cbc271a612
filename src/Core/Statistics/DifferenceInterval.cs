namespace BulkQA.Core;

/// <summary>Two-sided confidence intervals for the difference of two shares of independent samples, from -1 to 1.</summary>
public static class DifferenceInterval
{
    /// <summary>
    /// How much greater the first share is than the second; approximate, and good for small samples and shares near 0 and 1. R. G.
    /// Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods", Statistics in
    /// Medicine 17 (1998), method 10.
    /// </summary>
    /// <param name="successes1">From 0 to <paramref name="trials1"/>.</param>
    /// <param name="trials1">0 or more. Without any, nothing is known of the first share.</param>
    /// <param name="successes2">From 0 to <paramref name="trials2"/>.</param>
    /// <param name="trials2">0 or more.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static Interval Newcombe(long successes1, long trials1, long successes2, long trials2, double level)
    {
        var (first, second) = (BinomialInterval.Wilson(successes1, trials1, level), BinomialInterval.Wilson(successes2, trials2, level));
        if (trials1 == 0 || trials2 == 0) return new Interval(first.Lower - second.Upper, first.Upper - second.Lower);
        var (share1, share2) = ((double)successes1 / trials1, (double)successes2 / trials2);
        return Combine(share1, first, share2, second);
    }

    /// <summary>The interval of the difference from those of the two shares, by what the ends of each are away from it.</summary>
    internal static Interval Combine(double share1, Interval first, double share2, Interval second)
    {
        var difference = share1 - share2;
        return new Interval(
            difference - double.Hypot(share1 - first.Lower, second.Upper - share2),
            difference + double.Hypot(first.Upper - share1, share2 - second.Lower));
    }
}

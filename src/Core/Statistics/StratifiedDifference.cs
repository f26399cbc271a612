namespace BulkQA.Core;

/// <summary>
/// By how much one share is greater than another within strata, such as classes: what the strata differ in, and how unlike the two samples are spread
/// over them, does not count.
/// </summary>
public static class StratifiedDifference
{
    /// <summary>
    /// The mean of the strata's differences, each weighed by <c>n1 n2 / (n1 + n2)</c> (W. G. Cochran, "Some methods for strengthening the common chi-squared
    /// tests", Biometrics 10, 1954; N. Mantel and W. Haenszel, 1959), so that a stratum with one sample alone says nothing. The interval is Newcombe's
    /// (<see cref="DifferenceInterval"/>), with each weighted share taken as of as many trials as would give one share in all strata the same variance
    /// (<c>1 / sum(w^2 / n)</c>; E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated
    /// from survey data", Survey Methodology 24, 1998). Where both samples are spread alike over strata that differ it is wider than it had to be. Of one
    /// stratum it is Newcombe's own.
    /// </summary>
    /// <param name="strata">Successes and trials of the first sample, and of the second; successes are from 0 to the trials.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <returns>From -1 to 1; null where no stratum has trials of both.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The level is outside its range.</exception>
    public static (double Difference, Interval Interval)? Of(IEnumerable<(long Successes1, long Trials1, long Successes2, long Trials2)> strata, double level)
    {
        Interval.CheckLevel(level);
        var (weights, first, second) = (0.0, default(Side), default(Side));
        foreach (var (successes1, trials1, successes2, trials2) in strata)
        {
            if (trials1 == 0 || trials2 == 0) continue;
            var weight = (double)trials1 * trials2 / (trials1 + trials2);
            weights += weight;
            first = first.With(weight, successes1, trials1);
            second = second.With(weight, successes2, trials2);
        }
        if (weights == 0) return null;
        var (share1, interval1) = first.Of(weights, level);
        var (share2, interval2) = second.Of(weights, level);
        return (share1 - share2, DifferenceInterval.Combine(share1, interval1, share2, interval2));
    }

    /// <summary>One sample's sums over the strata.</summary>
    private readonly record struct Side(double Successes, double Failures, double Spread)
    {
        public Side With(double weight, long successes, long trials) =>
            new(Successes + (weight * successes / trials), Failures + (weight * (trials - successes) / trials), Spread + (weight * weight / trials));

        public (double Share, Interval Interval) Of(double weights, double level)
        {
            // Sums of weights may miss 1 by rounding where all or nothing succeeded.
            var share = Failures == 0 ? 1 : Successes / weights;
            return (share, BinomialInterval.Score(share, weights * weights / Spread, level));
        }
    }
}

namespace BulkQA.Core;

/// <summary>Confidence intervals for the mean of several shares of independent samples.</summary>
public static class MeanInterval
{
    /// <summary>
    /// From each share and its own interval, approximate, and good for intervals that are not symmetric. G. Y. Zou and A. Donner,
    /// "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine 27 (2008); for a difference
    /// of two Wilson intervals it is <see cref="DifferenceInterval.Newcombe"/>.
    /// </summary>
    /// <param name="shares">Each with the interval it lies in; at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Interval Recover(IReadOnlyCollection<(double Share, Interval Interval)> shares)
    {
        if (shares.Count == 0) throw new ArgumentException("there is no share to take the mean of");
        var (sum, below, above) = (0.0, 0.0, 0.0);
        foreach (var (share, (lower, upper)) in shares)
        {
            sum += share;
            below += (share - lower) * (share - lower);
            above += (upper - share) * (upper - share);
        }
        return new Interval((sum - Math.Sqrt(below)) / shares.Count, (sum + Math.Sqrt(above)) / shares.Count);
    }
}

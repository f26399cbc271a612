using MathNet.Numerics.Distributions;

namespace BulkQA.Core;

/// <summary>
/// Between what a worker's coin lies with a given probability: what a Beta prior and the expected hits and misses leave, the same
/// probability cut off at either end. Approximate, and rather too narrow: it takes the inferred truth for the truth, and workers'
/// errors for independent. Widened where the estimate, such as a coin of 1 without smoothing, would lie outside.
/// </summary>
public static class CoinInterval
{
    /// <summary>For <see cref="WorkerCoins.ConfirmsRight"/> of a two-coin model.</summary>
    /// <param name="counts">Of the worker.</param>
    /// <param name="smoothing">
    /// That of the estimate; its hits and misses are the prior's parameters. Below one half, one half is taken (Jeffreys' prior): a
    /// worker who never missed may miss yet.
    /// </param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not.</exception>
    public static Interval OfConfirmsRight(WorkerCounts counts, CoinSmoothing smoothing, double level) =>
        Of(counts.RightConfirms, counts.RightVotes - counts.RightConfirms, smoothing, level);

    /// <summary>For <see cref="WorkerCoins.CatchesWrong"/> of a two-coin model.</summary>
    /// <inheritdoc cref="OfConfirmsRight"/>
    public static Interval OfCatchesWrong(WorkerCounts counts, CoinSmoothing smoothing, double level) =>
        Of(counts.WrongDisconfirms, counts.WrongVotes - counts.WrongDisconfirms, smoothing, level);

    /// <summary>For the coin of a one-coin model.</summary>
    /// <inheritdoc cref="OfConfirmsRight"/>
    public static Interval OfOneCoin(WorkerCounts counts, CoinSmoothing smoothing, double level) =>
        Of(counts.Hits, counts.RightVotes + counts.WrongVotes - counts.Hits, smoothing, level);

    private static Interval Of(double hits, double misses, CoinSmoothing smoothing, double level)
    {
        Interval.CheckLevel(level);
        // Differences of sums may come out below 0 by rounding.
        (hits, misses) = (Math.Max(hits, 0), Math.Max(misses, 0));
        var (a, b) = (hits + Math.Max(smoothing.Hits, 0.5), misses + Math.Max(smoothing.Misses, 0.5));
        var tail = (1 - level) / 2;
        var estimate = ReliabilityParameters.Coin(hits, hits + misses, smoothing, unknown: 0.5);
        return new Interval(Math.Min(Beta.InvCDF(a, b, tail), estimate), Math.Max(Beta.InvCDF(a, b, 1 - tail), estimate));
    }
}

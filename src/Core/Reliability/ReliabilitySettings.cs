namespace BulkQA.Core;

/// <summary>What a worker's reliability is described by.</summary>
public enum ReliabilityMethod : byte
{
    /// <summary>One probability to vote as the truth is, the same for right and wrong labels. Needs the fewest votes.</summary>
    OneCoin = 0,

    /// <summary>Two: one for right labels, one for wrong ones. Sees that a worker confirms everything.</summary>
    TwoCoin = 1,
}

/// <summary>
/// Votes that every coin is taken to have had before the first real one. They keep coins of workers with few votes away from 0 and
/// 1. An estimated coin is (hits + <paramref name="Hits"/>) / (votes + <paramref name="Hits"/> + <paramref name="Misses"/>): the
/// mode under a Beta prior with the parameters <paramref name="Hits"/> + 1 and <paramref name="Misses"/> + 1.
/// </summary>
/// <param name="Hits">Added votes that were as the truth is; from 0 to <see cref="Max"/>, not less than the misses.</param>
/// <param name="Misses">Added votes that were not; from 0 to <see cref="Max"/>, and not 0 where there are hits.</param>
public readonly record struct CoinSmoothing(double Hits, double Misses)
{
    public const double Max = 1000;

    /// <summary>No smoothing: maximum likelihood. One or two votes of a worker may then make a coin of 0 or 1.</summary>
    public static readonly CoinSmoothing None;

    /// <summary>
    /// Two hits and one miss. Somebody without votes counts as right two times of three: better than chance, so that right and
    /// wrong do not change places, and little enough that ten real votes outweigh it. Three hits of three give 0.83, not 1.
    /// </summary>
    public static readonly CoinSmoothing Default = new(2, 1);

    /// <summary>What is wrong with it, or null.</summary>
    internal string? Problem =>
        // Written so that NaN is wrong.
        !(Hits >= 0 && Hits <= Max && Misses >= 0 && Misses <= Max)
            ? FormattableString.Invariant($"{Hits} hits and {Misses} misses are not both from 0 to {Max}")
            : Hits < Misses
                ? FormattableString.Invariant($"{Hits} hits and {Misses} misses take workers to be worse than chance; give at least as many hits as misses")
                : Hits > 0 && Misses == 0
                    ? FormattableString.Invariant($"{Hits} hits and no misses take workers of whom nothing is known to be never wrong; give some misses")
                    : null;

    /// <summary>The coin of somebody without votes; null without smoothing.</summary>
    internal double? Mean => Hits + Misses > 0 ? Hits / (Hits + Misses) : null;

    /// <summary>The logarithm of the prior of one coin, but for a constant.</summary>
    internal double LogPrior(double coin) => (Hits * Math.Log(coin)) + (Misses * Math.Log(1 - coin));
}

/// <summary>How the reliability of a job's workers is estimated.</summary>
public sealed record ReliabilitySettings
{
    public const int IterationLimit = 10_000;
    public const double LeastTolerance = 1e-14;
    public const double GreatestTolerance = 1e-2;

    /// <summary>What a worker is described by. Default two coins.</summary>
    public ReliabilityMethod Method { get; init; } = ReliabilityMethod.TwoCoin;

    /// <summary>Probability that a label is right before anybody voted, above 0 and below 1. Null, the default, estimates it.</summary>
    public double? Prior { get; init; }

    /// <summary>Votes added to every coin. Default two hits and one miss.</summary>
    public CoinSmoothing Smoothing { get; init; } = CoinSmoothing.Default;

    /// <summary>After how many rounds over all votes to stop in any case, from 1 to <see cref="IterationLimit"/>. Default 500.</summary>
    public int MaxIterations { get; init; } = 500;

    /// <summary>
    /// Stops once a round changes the log-likelihood (with the prior of the coins) by no more than this per vote, from
    /// <see cref="LeastTolerance"/> to <see cref="GreatestTolerance"/>. Default 1e-8, which is 0.03 for three million votes: no
    /// longer a difference that data could tell. Where the climb is slow (a fixed prior, few votes) that may be well below the top, and
    /// images between right and wrong may still change sides; a smaller tolerance goes on.
    /// </summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Everything that is wrong with these settings, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        // Comparisons are written so that NaN fails them.
        if (!Enum.IsDefined(Method))
            yield return ("method", $"{Method} is not a method");
        if (Prior is { } prior && !(prior > 0 && prior < 1))
            yield return ("prior", FormattableString.Invariant($"{prior} is not above 0 and below 1"));
        if (Smoothing.Problem is { } problem)
            yield return ("smoothing", problem);
        if (MaxIterations is < 1 or > IterationLimit)
            yield return ("maxIterations", $"{MaxIterations} is not from 1 to {IterationLimit}");
        if (!(Tolerance >= LeastTolerance && Tolerance <= GreatestTolerance))
            yield return ("tolerance", FormattableString.Invariant($"{Tolerance} is not from {LeastTolerance} to {GreatestTolerance}"));
    }
}

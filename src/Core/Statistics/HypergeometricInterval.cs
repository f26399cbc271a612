namespace BulkQA.Core;

/// <summary>
/// How many of these very images are right, when some of them were looked at: confidence limits for a finite population. A point once all
/// were. They hold where those looked at are as good as drawn at random from the population.
/// </summary>
public static class HypergeometricInterval
{
    /// <summary>Four megabytes at most.</summary>
    private const int Remembered = 1 << 15;

    private static readonly Memo<(long Successes, long Drawn, long Population, double Tail), long> _upperCounts = new(key => Search(key.Successes, key.Drawn, key.Population, key.Tail), Remembered);

    /// <summary>
    /// The exact two-sided interval of the population's share: it covers the true one with the level's probability at least, whatever that
    /// is. H. S. Konijn, "Statistical Theory of Sample Survey Design and Analysis" (1973); J. P. Buonaccorsi, "A note on confidence
    /// intervals for proportions in finite populations", The American Statistician 41 (1987): the shares that neither tail's test at half
    /// the error refuses, as Clopper and Pearson's for the binomial.
    /// </summary>
    /// <param name="successes">From 0 to <paramref name="drawn"/>.</param>
    /// <param name="drawn">From 0 to <paramref name="population"/>; without any, the interval is all from 0 to 1.</param>
    /// <param name="population">0 or more.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static Interval Exact(long successes, long drawn, long population, double level)
    {
        Interval.CheckLevel(level);
        Check(successes, drawn, population);
        if (drawn == 0) return new Interval(0, 1);
        var tail = (1 - level) / 2;
        return new Interval(
            (population - UpperCount(drawn - successes, drawn, population, tail)) / (double)population,
            UpperCount(successes, drawn, population, tail) / (double)population);
    }

    /// <summary>
    /// The greatest number of successes in the population that the draw does not refuse: the true number is greater with probability
    /// <paramref name="tail"/> at most.
    /// </summary>
    /// <inheritdoc cref="Exact"/>
    /// <param name="tail">Above 0 and below 1.</param>
    public static long UpperCount(long successes, long drawn, long population, double tail)
    {
        Check(successes, drawn, population);
        if (!(tail is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(tail), tail, "not above 0 and below 1");
        return _upperCounts[(successes, drawn, population, tail)];
    }

    private static long Search(long successes, long drawn, long population, double tail)
    {
        // Kept: the least that is refused is above low, and high is refused; the more are marked, the less likely are so few.
        var (low, high) = (successes, population - drawn + successes + 1);
        var guess = Guess(successes, drawn, population, tail);
        for (long step = 1; high - low > 1; step *= 2)
        {
            if (guess <= low || guess >= high) guess = low + ((high - low) / 2);
            if (Hypergeometric.AtMost(successes, drawn, guess, population) > tail * (1 + Hypergeometric.Tolerance)) low = guess;
            else high = guess;
            guess = low == guess ? guess + step : guess - step;
            // Once both sides of the guess are known to be wide of it, halving is quicker than stepping.
            if (step > (high - low) / 2) guess = low + ((high - low) / 2);
        }
        return low;
    }

    /// <summary>Near the limit, by Wilson's, with the variance of a finite population.</summary>
    private static long Guess(long successes, long drawn, long population, double tail)
    {
        if (drawn == 0 || drawn == population) return successes;
        var z = -MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, tail) * Math.Sqrt((double)(population - drawn) / (population - 1));
        var (share, square) = ((successes + 0.5) / (drawn + 1), z * z / drawn);
        return (long)(population * (share + (square / 2) + Math.Sqrt((share * (1 - share) * square) + (square * square / 4))) / (1 + square));
    }

    private static void Check(long successes, long drawn, long population)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, drawn);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(drawn, population);
    }
}

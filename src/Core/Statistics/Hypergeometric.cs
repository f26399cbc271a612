namespace BulkQA.Core;

/// <summary>
/// Tails of the hypergeometric distribution: how many of <c>drawn</c> images are marked, where <c>marked</c> of a <c>population</c> are and
/// every draw of that many is as likely. Relative error below 1e-7 up to ten million images, growing with their number; each takes as many steps as a few standard
/// deviations have images.
/// </summary>
internal static class Hypergeometric
{
    /// <summary>Relative: what is no further above an error's probability counts as equal to it, which rounding must not decide.</summary>
    public const double Tolerance = 1e-7;

    private const int Tabled = 1_024;

    private static readonly double[] _logFactorials = Tabulate();

    /// <summary>The probability of at most <paramref name="hits"/> marked ones.</summary>
    public static double AtMost(long hits, long drawn, long marked, long population)
    {
        var (least, most) = (Math.Max(0, drawn - (population - marked)), Math.Min(drawn, marked));
        if (hits < least) return 0;
        if (hits >= most) return 1;
        // Away from the mean terms only get smaller.
        return hits <= (double)drawn * marked / population
            ? SumDown(hits, least, drawn, marked, population)
            // What is drawn unmarked instead, from the other end.
            : 1 - SumDown(drawn - hits - 1, drawn - most, drawn, population - marked, population);
    }

    private static double SumDown(long from, long least, long drawn, long marked, long population)
    {
        var term = Math.Exp(LogChoose(marked, from) + LogChoose(population - marked, drawn - from) - LogChoose(population, drawn));
        var sum = term;
        for (var hits = from; hits > least; hits--)
        {
            term *= (double)hits * (population - marked - drawn + hits) / ((double)(marked - hits + 1) * (drawn - hits + 1));
            sum += term;
            if (term <= sum * 1e-17) break;
        }
        return Math.Min(1, sum);
    }

    /// <summary>The logarithm of how many ways there are to choose.</summary>
    internal static double LogChoose(long all, long chosen) => LogFactorial(all) - LogFactorial(chosen) - LogFactorial(all - chosen);

    /// <summary>By Stirling's series beyond the table, where what it leaves out is below 1e-18.</summary>
    private static double LogFactorial(long number)
    {
        if (number < Tabled) return _logFactorials[number];
        double x = number;
        return ((x + 0.5) * Math.Log(x)) - x + 0.918938533204672741780 + (1 / (12 * x)) - (1 / (360 * x * x * x));
    }

    private static double[] Tabulate()
    {
        var logs = new double[Tabled];
        for (var number = 2; number < Tabled; number++) logs[number] = logs[number - 1] + Math.Log(number);
        return logs;
    }
}

using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class BinomialIntervalTests
{
    /// <summary>Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, methods 5 and 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2527, 0.3676, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0578, 0.1617, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1684, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0009, 0.1776, 0.0061, 0.1718)]
    public void Interval_PublishedExamples_IsAsPublished(int successes, int trials, double exactLower, double exactUpper, double scoreLower, double scoreUpper)
    {
        AssertIs(exactLower, exactUpper, BinomialInterval.ClopperPearson(successes, trials, 0.95), 0.00005);
        AssertIs(scoreLower, scoreUpper, BinomialInterval.Wilson(successes, trials, 0.95), 0.00005);
    }

    /// <summary>Mendel's peas, the example in the manual of R's binom.test.</summary>
    [Fact]
    public void ClopperPearson_MendelsPeas_IsWhatRGives() => AssertIs(0.7076683, 0.7654066, BinomialInterval.ClopperPearson(682, 925, 0.95), 0.00000005);

    /// <summary>Where all trials end alike, (1 - p)^n = (1 - level) / 2 has a solution in closed form.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    [InlineData(10_000_000)]
    public void ClopperPearson_NoneOrAll_IsTheClosedForm(long trials)
    {
        foreach (var level in (double[])[0.5, 0.95, 0.999])
        {
            var upper = -double.ExpM1(Math.Log((1 - level) / 2) / trials);
            AssertIs(0, upper, BinomialInterval.ClopperPearson(0, trials, level), 1e-11);
            AssertIs(1 - upper, 1, BinomialInterval.ClopperPearson(trials, trials, level), 1e-11);
        }
    }

    /// <summary>Against halving on the tails of the distribution, added up term by term.</summary>
    [Fact]
    public void ClopperPearson_AnyCounts_CutsOffTheTailsOfTheBinomial() => Gen.Select(Gen.Int[1, 150], Gen.Double[0, 1], Gen.Double[0.5, 0.999]).Sample((trials, share, level) =>
    {
        var successes = (int)Math.Round(share * trials);
        var tail = (1 - level) / 2;
        var lower = successes == 0 ? 0 : Halve(p => Sum(successes, trials, trials, p) < tail);
        var upper = successes == trials ? 1 : Halve(p => Sum(0, successes, trials, p) > tail);
        AssertIs(lower, upper, BinomialInterval.ClopperPearson(successes, trials, level), 1e-10);
    }, iter: 300);

    /// <summary>Millions of trials, where series converge slowly: nearly the normal interval, with half a trial more to either side.</summary>
    [Theory]
    [InlineData(500_000, 1_000_000)]
    [InlineData(3_000_000, 10_000_000)]
    public void ClopperPearson_MillionsOfTrials_IsNearlyTheNormalInterval(long successes, long trials)
    {
        var share = (double)successes / trials;
        var width = (1.959963985 * Math.Sqrt(share * (1 - share) / trials)) + (0.5 / trials);
        AssertIs(share - width, share + width, BinomialInterval.ClopperPearson(successes, trials, 0.95), 3.0 / trials);
    }

    [Fact]
    public void Interval_NoTrials_IsEverything()
    {
        AssertIs(0, 1, BinomialInterval.ClopperPearson(0, 0, 0.95), 0);
        AssertIs(0, 1, BinomialInterval.Wilson(0, 0, 0.95), 0);
    }

    [Theory]
    [InlineData(-1, 3, 0.9)]
    [InlineData(4, 3, 0.9)]
    [InlineData(1, 3, 0.0)]
    [InlineData(1, 3, 1.0)]
    [InlineData(1, 3, double.NaN)]
    public void Interval_OutsideItsRange_Throws(int successes, int trials, double level)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialInterval.ClopperPearson(successes, trials, level));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialInterval.Wilson(successes, trials, level));
    }

    private static double Sum(int from, int to, int trials, double p)
    {
        var sum = 0.0;
        for (var k = from; k <= to; k++)
        {
            var log = (k * Math.Log(p)) + ((trials - k) * Math.Log(1 - p));
            for (var i = 1; i <= k; i++) log += Math.Log((double)(trials - k + i) / i);
            sum += Math.Exp(log);
        }
        return sum;
    }

    private static double Halve(Func<double, bool> isBelow)
    {
        var (low, high) = (0.0, 1.0);
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            if (isBelow(middle)) low = middle;
            else high = middle;
        }
        return low;
    }

    internal static void AssertIs(double lower, double upper, Interval actual, double tolerance)
    {
        Assert.Equal(lower, actual.Lower, tolerance);
        Assert.Equal(upper, actual.Upper, tolerance);
    }
}

using System.Numerics;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class HypergeometricIntervalTests
{
    /// <summary>Every population up to 14, with whole numbers: the greatest number that the draw does not refuse, by trying each.</summary>
    [Fact]
    public void UpperCount_EverySmallPopulation_IsWhatTryingEachGives()
    {
        for (var population = 1; population <= 14; population++)
            for (var drawn = 0; drawn <= population; drawn++)
                for (var successes = 0; successes <= drawn; successes++)
                    foreach (var tail in (double[])[0.025, 0.05, 0.3])
                    {
                        var last = Enumerable.Range(successes, population - drawn + 1).Last(marked => AtMost(successes, drawn, marked, population) > tail + 1e-10);
                        Assert.Equal(last, HypergeometricInterval.UpperCount(successes, drawn, population, tail));
                    }
    }

    [Fact]
    public void AtMost_AnyDraw_IsTheSumOfWholeNumbers() =>
        Gen.Select(Gen.Int[1, 400], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((population, drawnShare, markedShare, hitShare) =>
        {
            var (drawn, marked) = ((int)(drawnShare * population), (int)(markedShare * population));
            var hits = (int)(hitShare * drawn);
            var expected = AtMost(hits, drawn, marked, population);
            Assert.Equal(expected, Hypergeometric.AtMost(hits, drawn, marked, population), 1e-11);
        }, iter: 300);

    /// <summary>Far in the tail every term is below what a number can hold: it is 0, and at once.</summary>
    [Fact]
    public void AtMost_FarInTheTailOfAHugePopulation_IsZero() => Assert.Equal(0, Hypergeometric.AtMost(200_000_000_000, 500_000_000_000, 600_000_000_000, 1_000_000_000_000));

    /// <summary>With none seen, C(N - K, n) / C(N, n) decides: here in closed form, as all but a few are drawn, or one is.</summary>
    [Theory]
    [InlineData(1_000_000, 999_999, 0)]
    [InlineData(1_000_000, 960_000, 1)]
    [InlineData(1_000_000, 1, 974_999)]
    public void UpperCount_NoneSeen_IsTheClosedForm(long population, long drawn, long upper)
    {
        // Drawing one: it is unmarked with probability 1 - K/N > 0.025. One marked: it is left with probability 1 - n/N.
        Assert.Equal(upper, HypergeometricInterval.UpperCount(0, drawn, population, drawn == 960_000 ? 0.0399 : 0.025));
    }

    /// <summary>The example of R's package samplingbook, 45 of 100 drawn from 300: it gives 110 and 161, the first numbers that are refused.</summary>
    [Fact]
    public void Exact_PublishedExample_EndsBeforeWhatIsRefused() => BinomialIntervalTests.AssertIs(111 / 300.0, 160 / 300.0, HypergeometricInterval.Exact(45, 100, 300, 0.95), 1e-12);

    [Fact]
    public void Exact_AllReviewed_IsAPoint() => BinomialIntervalTests.AssertIs(0.3, 0.3, HypergeometricInterval.Exact(30, 100, 100, 0.95), 0);

    [Fact]
    public void Exact_NothingReviewed_IsEverything()
    {
        BinomialIntervalTests.AssertIs(0, 1, HypergeometricInterval.Exact(0, 0, 50, 0.95), 0);
        BinomialIntervalTests.AssertIs(0, 1, HypergeometricInterval.Exact(0, 0, 0, 0.95), 0);
    }

    [Fact]
    public void Exact_PopulationWithoutEnd_IsClopperAndPearsons() => Gen.Select(Gen.Int[1, 200], Gen.Double[0, 1]).Sample((drawn, share) =>
    {
        var successes = (int)(share * drawn);
        var (lower, upper) = BinomialInterval.ClopperPearson(successes, drawn, 0.95);
        BinomialIntervalTests.AssertIs(lower, upper, HypergeometricInterval.Exact(successes, drawn, 10_000_000, 0.95), 2e-5);
    }, iter: 100);

    /// <summary>Not by chance: the coverage is added up over all that may be drawn, for every true number.</summary>
    [Theory]
    [InlineData(60, 7, 0.95)]
    [InlineData(60, 30, 0.95)]
    [InlineData(45, 40, 0.8)]
    public void Exact_AnyTrueNumber_IsCoveredAsOftenAsClaimed(int population, int drawn, double level)
    {
        var intervals = Enumerable.Range(0, drawn + 1).Select(successes => HypergeometricInterval.Exact(successes, drawn, population, level)).ToList();
        for (var marked = 0; marked <= population; marked++)
        {
            var share = (double)marked / population;
            var covered = Enumerable.Range(0, drawn + 1).Where(successes => intervals[successes].Lower <= share && share <= intervals[successes].Upper)
                .Sum(successes => AtMost(successes, drawn, marked, population) - AtMost(successes - 1, drawn, marked, population));
            Assert.True(covered >= level - 1e-12, $"{marked} of {population} are covered with {covered}");
        }
    }

    /// <summary>10,000 draws for each true share, seeded; the intervals of a size are made once.</summary>
    [Theory]
    [InlineData(2_000, 150, 0.9)]
    [InlineData(2_000, 150, 0.99)]
    [InlineData(500, 400, 0.7)]
    public void Exact_DrawnAtRandom_CoversAsOftenAsClaimed(int population, int drawn, double share)
    {
        var random = new Random(17);
        var intervals = Enumerable.Range(0, drawn + 1).Select(successes => HypergeometricInterval.Exact(successes, drawn, population, 0.95)).ToArray();
        var (marked, covered) = ((int)(share * population), 0);
        for (var run = 0; run < 10_000; run++)
        {
            var successes = 0;
            for (var draw = 0; draw < drawn; draw++) if (random.Next(population - draw) < marked - successes) successes++;
            if (intervals[successes].Lower <= share && share <= intervals[successes].Upper) covered++;
        }
        Assert.True(covered >= 9_500, $"{covered} of 10,000 are covered");
    }

    [Theory]
    [InlineData(-1, 3, 5, 0.9)]
    [InlineData(4, 3, 5, 0.9)]
    [InlineData(1, 6, 5, 0.9)]
    [InlineData(1, 3, 5, 0.0)]
    [InlineData(1, 3, 5, 1.0)]
    [InlineData(1, 3, 5, 1e-300)]
    [InlineData(1, 3, 5, double.NaN)]
    public void Exact_OutsideItsRange_Throws(int successes, int drawn, int population, double level) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HypergeometricInterval.Exact(successes, drawn, population, level));

    private static double AtMost(int hits, int drawn, int marked, int population)
    {
        var sum = BigInteger.Zero;
        for (var hit = Math.Max(0, drawn - (population - marked)); hit <= Math.Min(hits, Math.Min(drawn, marked)); hit++) sum += Choose(marked, hit) * Choose(population - marked, drawn - hit);
        return sum.IsZero ? 0 : Math.Exp(BigInteger.Log(sum) - BigInteger.Log(Choose(population, drawn)));
    }

    private static BigInteger Choose(int all, int chosen)
    {
        var ways = BigInteger.One;
        for (var at = 1; at <= chosen; at++) ways = ways * (all - chosen + at) / at;
        return ways;
    }
}

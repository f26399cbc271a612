using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class CoinIntervalTests
{
    /// <summary>Against the density itself, added up by Simpson's rule: the level's share of it lies inside, and as much below as above.</summary>
    [Fact]
    public void Of_AnyCounts_CutsOffEqualTails() => Gen.Select(Gen.Double[0, 60], Gen.Double[1, 60], Gen.Double[0.5, 0.99]).Sample((hits, misses, level) =>
    {
        var interval = CoinInterval.OfConfirmsRight(new WorkerCounts(hits + misses, hits, 7, 3), CoinSmoothing.Default, level);
        var (a, b) = (hits + 2, misses + 1);
        var (below, inside, above) = (Area(a, b, 0, interval.Lower), Area(a, b, interval.Lower, interval.Upper), Area(a, b, interval.Upper, 1));
        Assert.Equal(level, inside / (below + inside + above), 1e-4);
        Assert.Equal(below / (below + inside + above), above / (below + inside + above), 1e-4);
    }, iter: 100);

    /// <summary>The coins have counts of their own, and one coin all of them.</summary>
    [Fact]
    public void Of_EachCoin_UsesItsOwnCounts()
    {
        var counts = new WorkerCounts(50, 45, 20, 8);
        Assert.Equal(CoinInterval.OfConfirmsRight(new WorkerCounts(20, 8, 0, 0), CoinSmoothing.Default, 0.9), CoinInterval.OfCatchesWrong(counts, CoinSmoothing.Default, 0.9));
        Assert.Equal(CoinInterval.OfConfirmsRight(new WorkerCounts(70, 53, 0, 0), CoinSmoothing.Default, 0.9), CoinInterval.OfOneCoin(counts, CoinSmoothing.Default, 0.9));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(100_000, 0)]
    [InlineData(1e-13, 2_000_000)]
    [InlineData(1_000_000, 1_000_000)]
    public void Of_Extremes_HoldsTheEstimate(double hits, double misses)
    {
        var counts = new WorkerCounts(hits + misses, hits, 0, 0);
        foreach (var smoothing in (CoinSmoothing[])[CoinSmoothing.None, CoinSmoothing.Default, new(5, 0)])
        {
            var interval = CoinInterval.OfConfirmsRight(counts, smoothing, 0.95);
            Assert.InRange(interval.Lower, 0, interval.Upper);
            Assert.InRange(interval.Upper, interval.Lower, 1);
            var votes = hits + misses + smoothing.Hits + smoothing.Misses;
            if (votes > 0) Assert.InRange((hits + smoothing.Hits) / votes, interval.Lower, interval.Upper);
        }
    }

    [Fact]
    public void Of_LevelOutsideItsRange_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => CoinInterval.OfOneCoin(default, CoinSmoothing.Default, 1));

    private static double Area(double a, double b, double from, double to)
    {
        const int Steps = 4_000;
        // Divided by the density at its top, so that it neither under- nor overflows.
        var top = (a - 1) / (a + b - 2);
        double Density(double x) => x is <= 0 or >= 1 ? 0 : Math.Exp(((a - 1) * Math.Log(x / top)) + ((b - 1) * Math.Log((1 - x) / (1 - top))));
        var width = (to - from) / Steps;
        return Enumerable.Range(0, Steps + 1).Sum(step => Density(from + (step * width)) * (step is 0 or Steps ? 1 : step % 2 == 1 ? 4 : 2)) * width / 3;
    }
}

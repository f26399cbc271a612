namespace BulkQA.Core.Tests;

public sealed class StratifiedDifferenceTests
{
    private const double Level = 0.95;

    [Theory]
    [InlineData(56, 70, 48, 80)]
    [InlineData(0, 10, 0, 20)]
    [InlineData(10, 10, 0, 20)]
    public void Of_OneStratum_IsNewcombes(long successes1, long trials1, long successes2, long trials2)
    {
        var (difference, interval) = StratifiedDifference.Of([(successes1, trials1, successes2, trials2), (3, 9, 0, 0), (0, 0, 1, 4)], Level)!.Value;
        Assert.Equal(((double)successes1 / trials1) - ((double)successes2 / trials2), difference, 1e-12);
        var newcombe = DifferenceInterval.Newcombe(successes1, trials1, successes2, trials2, Level);
        Assert.Equal(newcombe.Lower, interval.Lower, 1e-12);
        Assert.Equal(newcombe.Upper, interval.Upper, 1e-12);
    }

    /// <summary>
    /// The kidney stones of C. R. Charig and others, British Medical Journal 292 (1986): treatment A is better for small stones (81 of 87 against 234 of 270) and
    /// for large ones (192 of 263 against 55 of 80), and worse with both pooled.
    /// </summary>
    [Fact]
    public void Of_KidneyStones_IsTheMantelHaenszelDifferenceAndNotThePooledOne()
    {
        var (difference, interval) = StratifiedDifference.Of([(81, 87, 234, 270), (192, 263, 55, 80)], Level)!.Value;
        var (small, large) = (87.0 * 270 / 357, 263.0 * 80 / 343);
        Assert.Equal(((small * ((81.0 / 87) - (234.0 / 270))) + (large * ((192.0 / 263) - (55.0 / 80)))) / (small + large), difference, 1e-12);
        Assert.True(difference > 0.05 && interval.Lower < difference && difference < interval.Upper);
        Assert.True((273.0 / 350) - (289.0 / 350) < 0);
    }

    [Fact]
    public void Of_NoStratumWithBoth_IsNone() => Assert.Null(StratifiedDifference.Of([(1, 2, 0, 0), (0, 0, 3, 4)], Level));

    /// <summary>Strata that differ, each split between the samples as coins fall.</summary>
    [Theory]
    [InlineData(1, 20, 0.0)]
    [InlineData(2, 60, 0.05)]
    [InlineData(3, 400, -0.03)]
    public void Of_StrataDrawnByCoin_CoversAsOftenAsClaimed(int seed, int trials, double difference)
    {
        const int Runs = 10_000;
        var random = new Random(seed);
        double[] shares = [0.05, 0.1, 0.5, 0.9];
        var covered = 0;
        for (var run = 0; run < Runs; run++)
        {
            var strata = shares.Select(share =>
            {
                var (successes1, trials1, successes2, trials2) = (0L, 0L, 0L, 0L);
                for (var trial = 0; trial < trials; trial++)
                {
                    if (random.Next(2) == 0) (successes1, trials1) = (successes1 + (random.NextDouble() < share + difference ? 1 : 0), trials1 + 1);
                    else (successes2, trials2) = (successes2 + (random.NextDouble() < share ? 1 : 0), trials2 + 1);
                }
                return (successes1, trials1, successes2, trials2);
            });
            if (StratifiedDifference.Of(strata, Level) is var (_, (lower, upper)) && lower <= difference && difference <= upper) covered++;
        }
        Assert.True(covered >= Level * Runs, $"{covered} of {Runs} are covered");
    }
}

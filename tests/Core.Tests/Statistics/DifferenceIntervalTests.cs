using MathNet.Numerics.Distributions;

namespace BulkQA.Core.Tests;

public sealed class DifferenceIntervalTests
{
    /// <summary>Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17 (1998), table II, method 10.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(6, 7, 2, 7, 0.0582, 0.8062)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    [InlineData(0, 10, 0, 20, -0.1611, 0.2775)]
    [InlineData(0, 10, 0, 10, -0.2775, 0.2775)]
    [InlineData(10, 10, 0, 20, 0.6791, 1.0000)]
    [InlineData(10, 10, 0, 10, 0.6075, 1.0000)]
    public void Newcombe_PublishedExamples_IsAsPublished(int successes1, int trials1, int successes2, int trials2, double lower, double upper) =>
        BinomialIntervalTests.AssertIs(lower, upper, DifferenceInterval.Newcombe(successes1, trials1, successes2, trials2, 0.95), 0.00005);

    /// <summary>How often the true difference is covered, summed over all outcomes: no less than stated in docs/statistics.md wherever the shares lie.</summary>
    [Theory]
    [InlineData(30, 30, 0.939)]
    [InlineData(20, 60, 0.943)]
    [InlineData(10, 50, 0.934)]
    public void Newcombe_OverAllOutcomes_CoversNearlyAsOftenAsClaimed(int trials1, int trials2, double least)
    {
        var intervals = new Interval[trials1 + 1, trials2 + 1];
        for (var hits1 = 0; hits1 <= trials1; hits1++) for (var hits2 = 0; hits2 <= trials2; hits2++) intervals[hits1, hits2] = DifferenceInterval.Newcombe(hits1, trials1, hits2, trials2, 0.95);
        var covered = new List<double>();
        for (var share1 = 0.5; share1 < 0.985; share1 += 0.02) for (var share2 = 0.5; share2 < 0.985; share2 += 0.02) covered.Add(Coverage(share1, share2));
        Assert.True(covered.Min() >= least, $"{covered.Min():P2}");
        Assert.True(covered.Average() >= 0.95, $"{covered.Average():P2}");

        double Coverage(double share1, double share2)
        {
            var sum = 0.0;
            for (var hits1 = 0; hits1 <= trials1; hits1++)
            {
                var chance = Binomial.PMF(share1, trials1, hits1);
                for (var hits2 = 0; hits2 <= trials2; hits2++)
                    if (intervals[hits1, hits2] is var (lower, upper) && lower <= share1 - share2 + 1e-12 && share1 - share2 - 1e-12 <= upper) sum += chance * Binomial.PMF(share2, trials2, hits2);
            }
            return sum;
        }
    }

    [Fact]
    public void Newcombe_SamplesExchanged_IsMirrored()
    {
        var there = DifferenceInterval.Newcombe(7, 12, 3, 40, 0.9);
        BinomialIntervalTests.AssertIs(-there.Upper, -there.Lower, DifferenceInterval.Newcombe(3, 40, 7, 12, 0.9), 1e-15);
    }

    [Fact]
    public void Newcombe_NothingKnownOfOneShare_IsAsWideAsTheOtherAllows()
    {
        var wilson = BinomialInterval.Wilson(3, 40, 0.95);
        BinomialIntervalTests.AssertIs(-wilson.Upper, 1 - wilson.Lower, DifferenceInterval.Newcombe(0, 0, 3, 40, 0.95), 1e-15);
        BinomialIntervalTests.AssertIs(-1, 1, DifferenceInterval.Newcombe(0, 0, 0, 0, 0.95), 0);
    }
}

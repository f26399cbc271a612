namespace BulkQA.Core.Tests;

public sealed class MeanIntervalTests
{
    /// <summary>The mean of a share and of one minus another is, but for a half, their difference.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    public void Recover_OfTwoScoreIntervals_IsNewcombesDifference(int successes1, int trials1, int successes2, int trials2, double lower, double upper)
    {
        var interval = MeanInterval.Recover(
        [
            ((double)successes1 / trials1, BinomialInterval.Wilson(successes1, trials1, 0.95)),
            (1 - ((double)successes2 / trials2), BinomialInterval.Wilson(trials2 - successes2, trials2, 0.95)),
        ]);
        BinomialIntervalTests.AssertIs(lower, upper, new Interval((2 * interval.Lower) - 1, (2 * interval.Upper) - 1), 0.00005);
    }

    [Fact]
    public void Recover_OfOne_IsItsOwn() => Assert.Equal(new Interval(0.25, 0.75), MeanInterval.Recover([(0.5, new Interval(0.25, 0.75))]));

    [Fact]
    public void Recover_ClassesReviewedInPart_CoversAsOftenAsClaimed()
    {
        var random = new Random(3);
        (int Population, int Drawn, int Marked)[] classes = [(100, 40, 90), (300, 60, 240), (80, 80, 77), (500, 50, 350)];
        var intervals = classes.Select(one => Enumerable.Range(0, one.Drawn + 1).Select(hits => HypergeometricInterval.Exact(hits, one.Drawn, one.Population, 0.95)).ToArray()).ToArray();
        var (mean, covered) = (classes.Average(one => (double)one.Marked / one.Population), 0);
        for (var run = 0; run < 10_000; run++)
        {
            var (lower, upper) = MeanInterval.Recover([.. classes.Select((one, index) =>
            {
                var hits = 0;
                for (var draw = 0; draw < one.Drawn; draw++) if (random.Next(one.Population - draw) < one.Marked - hits) hits++;
                return ((double)hits / one.Drawn, intervals[index][hits]);
            })]);
            if (lower <= mean && mean <= upper) covered++;
        }
        Assert.True(covered >= 9_500, $"{covered} of 10,000 are covered");
    }

    [Fact]
    public void Recover_OfNone_Throws() => Assert.Throws<ArgumentException>(() => MeanInterval.Recover([]));
}

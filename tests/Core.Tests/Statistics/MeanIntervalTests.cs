namespace BulkQA.Core.Tests;

public sealed class MeanIntervalTests
{
    private const int Runs = 10_000;
    private static readonly Certainty _corpus = new(0.95, Scope.Corpus);
    private static readonly Certainty _model = new(0.95, Scope.Model);

    [Fact]
    public void Of_OneClass_IsItsOwn()
    {
        Assert.Equal(new Interval(0.25, 0.75), MeanInterval.Of([(new(100, 10, 5), new Interval(0.25, 0.75))], 0, _model));
        Assert.Equal(new Interval(0.0625, 0.1875), MeanInterval.Of([(new(100, 10, 5), new Interval(0.25, 0.75))], 3, _model));
    }

    /// <summary>Zou's and Donner's formula by hand, where no distance is below the normal approximation's.</summary>
    [Fact]
    public void Of_TwoClasses_AddsUpWhatTheEndsAreAway()
    {
        var interval = MeanInterval.Of([(new(100, 10, 5), new Interval(0.1, 0.9)), (new(100, 20, 10), new Interval(0.2, 0.8))], 0, _model);
        Assert.Equal(0.25, interval.Lower, 1e-12);
        Assert.Equal(0.75, interval.Upper, 1e-12);
    }

    [Fact]
    public void Of_ClassesReviewedInFull_IsAPoint() =>
        Assert.Equal(new Interval(0.75, 0.75), MeanInterval.Of([(new(10, 10, 10), new Interval(1, 1)), (new(20, 20, 10), new Interval(0.5, 0.5))], 0, _corpus));

    [Fact]
    public void Of_ClassesThatAreAllRightSoFar_HasRoomBelowAndEndsAtOne()
    {
        var interval = MeanInterval.Of([.. Enumerable.Repeat((new ReviewCounts(50, 10, 10), _model.PercentOf(new(50, 10, 0, 0)) is var percent ? new Interval(percent.Lower / 100, 1) : default), 9)], 0, _model);
        Assert.Equal(1, interval.Upper);
        Assert.InRange(interval.Lower, 0.85, 0.95);
    }

    /// <summary>Classes that are nearly all right and reviewed little are the usual case, and the hard one: their shares come out as 1 more often than not.</summary>
    [Theory]
    [InlineData(1, 100, 10, 0.95)]
    [InlineData(2, 10, 10, 0.95)]
    [InlineData(3, 100, 30, 0.97)]
    [InlineData(4, 30, 50, 0.98)]
    [InlineData(5, 10, 100, 0.99)]
    [InlineData(6, 2, 30, 0.9)]
    [InlineData(7, 20, 5, 0.5)]
    public void Of_ClassesDrawnFromModels_CoversAsOftenAsClaimed(int seed, int classes, int reviewed, double share)
    {
        var random = new Random(seed);
        var cells = Enumerable.Range(0, reviewed + 1).Select(hits => (new ReviewCounts(1_000_000, reviewed, hits), BinomialInterval.ClopperPearson(hits, reviewed, 0.95))).ToArray();
        var covered = 0;
        for (var run = 0; run < Runs; run++)
        {
            var drawn = Enumerable.Range(0, classes).Select(_ =>
            {
                var hits = 0;
                for (var draw = 0; draw < reviewed; draw++) if (random.NextDouble() < share) hits++;
                return cells[hits];
            }).ToList();
            var (lower, upper) = MeanInterval.Of(drawn, 0, _model);
            if (lower <= share && share <= upper) covered++;
        }
        Assert.True(covered >= 0.95 * Runs, $"{covered} of {Runs} are covered");
    }

    /// <summary>Classes unlike one another in size, share and how much of them is reviewed; the last three with one that decides all.</summary>
    [Theory]
    [InlineData(3, "100:40:90 300:60:240 80:80:77 500:50:350")]
    [InlineData(4, "100:20:95 100:20:97 100:20:99 100:20:100 100:20:90 100:20:98")]
    [InlineData(5, "1000:500:990 1000:500:985 1000:500:995 40:4:20")]
    [InlineData(6, "57:27:57 68:34:51 86:40:84 40:20:38 10:5:8 5:2:5")]
    public void Of_ClassesReviewedInPart_CoversAsOftenAsClaimed(int seed, string populations)
    {
        var random = new Random(seed);
        var classes = populations.Split(' ').Select(text => text.Split(':').Select(int.Parse).ToArray()).Select(one => (Population: one[0], Drawn: one[1], Marked: one[2])).ToList();
        var cells = classes.ConvertAll(one => Enumerable.Range(0, one.Drawn + 1).Select(hits => (
            new ReviewCounts(one.Population, one.Drawn, hits),
            hits <= one.Marked && one.Drawn - hits <= one.Population - one.Marked ? HypergeometricInterval.Exact(hits, one.Drawn, one.Population, 0.95) : default)).ToArray());
        var (mean, covered) = (classes.Average(one => (double)one.Marked / one.Population), 0);
        for (var run = 0; run < Runs; run++)
        {
            var (lower, upper) = MeanInterval.Of([.. classes.Select((one, index) =>
            {
                var hits = 0;
                for (var draw = 0; draw < one.Drawn; draw++) if (random.Next(one.Population - draw) < one.Marked - hits) hits++;
                return cells[index][hits];
            })], 0, _corpus);
            if (lower <= mean && mean <= upper) covered++;
        }
        Assert.True(covered >= 0.95 * Runs, $"{covered} of {Runs} are covered");
    }

    [Fact]
    public void Of_None_Throws() => Assert.Throws<ArgumentException>(() => MeanInterval.Of([], 0, _model));
}

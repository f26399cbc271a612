namespace BulkQA.Core.Tests;

public sealed class StratifiedShareTests
{
    /// <summary>
    /// Every pair of samples from two parts, one by one: the mean of the estimates is the true share, and the mean of the squared standard errors is
    /// their variance, as Cochran proves.
    /// </summary>
    [Fact]
    public void Of_EverySampleThatMayBeDrawn_IsUnbiasedInShareAndVariance()
    {
        bool[] first = [true, true, false, true, false, true], second = [false, false, true, false];
        var estimates = (from one in SubsetsOf(first, 3) from other in SubsetsOf(second, 2) select StratifiedShare.Of([Counts(first, one), Counts(second, other)], 0.95)).ToList();
        var mean = estimates.Average(estimate => estimate.Share!.Value);
        Assert.Equal(0.5, mean, 12);
        Assert.Equal(
            estimates.Average(estimate => Math.Pow(estimate.Share!.Value - mean, 2)), estimates.Average(estimate => Math.Pow(estimate.StandardError!.Value, 2)), 12);
    }

    [Fact]
    public void Of_AllReviewed_IsAPoint()
    {
        var all = StratifiedShare.Of([new(40, 40, 30), new(60, 60, 57)], 0.95);
        Assert.Equal(0.87, all.Share!.Value, 12);
        Assert.Equal(0, all.StandardError!.Value);
        Assert.Equal(new Interval(0.87, 0.87), all.Interval);
    }

    [Fact]
    public void Of_NothingReviewed_IsAnything()
    {
        Assert.Equal(new StratifiedShare(null, null, new Interval(0, 1)), StratifiedShare.Of([new(10, 0, 0), new(20, 0, 0)], 0.95));
        Assert.Equal(new StratifiedShare(null, null, new Interval(0, 1)), StratifiedShare.Of([], 0.95));
    }

    /// <summary>Of the other part nothing is known: it may be all right or all wrong.</summary>
    [Fact]
    public void Of_APartWithoutReviews_HasNoEstimateAndAnIntervalThatAllowsForEither()
    {
        var (share, error, interval) = StratifiedShare.Of([new(90, 90, 45), new(10, 0, 0)], 0.95);
        Assert.Equal((null, null), (share, error));
        Assert.Equal((0.45, 0.55), (interval.Lower, interval.Upper));
    }

    [Fact]
    public void Of_OnePart_IsItsExactInterval()
    {
        var expected = HypergeometricInterval.Exact(27, 30, 400, 0.9);
        var found = StratifiedShare.Of([new(400, 30, 27), new(0, 0, 0)], 0.9).Interval;
        Assert.Equal((expected.Lower, expected.Upper), (found.Lower, found.Upper));
    }

    /// <summary>
    /// Parts that are sampled alike are one sample to Chernoff's bound, whose limit is where n times the relative entropy is the logarithm of the error:
    /// H. Chernoff, "A measure of asymptotic efficiency for tests of a hypothesis" (1952).
    /// </summary>
    [Theory]
    [InlineData(200, 190)]
    [InlineData(200, 200)]
    [InlineData(60, 31)]
    public void Of_PartsSampledAlike_HasTheLimitsOfRelativeEntropy(int reviewed, int confirmed)
    {
        const long Many = 1_000_000_000;
        var (_, _, (lower, upper)) = StratifiedShare.Of([new(Many, reviewed / 2, confirmed / 2), new(Many, reviewed / 2, confirmed - (confirmed / 2))], 0.95);
        var share = (double)confirmed / reviewed;
        if (confirmed == reviewed) Assert.Equal(1, upper, 6);
        else Assert.Equal(Math.Log(40), reviewed * Entropy(share, upper), 2);
        Assert.Equal(Math.Log(40), reviewed * Entropy(share, lower), 2);
    }

    /// <summary>
    /// The interval covers the truth at least as often as it says, whatever the parts are like: small ones that are nearly all right, which the normal
    /// approximation fails at; unlike shares and sizes; most of it reviewed.
    /// </summary>
    [Theory]
    [InlineData(20, 40, 10, 0.98, 0.98)]
    [InlineData(5, 400, 25, 0.5, 0.99)]
    [InlineData(5, 100, 80, 0.6, 0.95)]
    [InlineData(2, 1_000, 60, 0.05, 0.95)]
    public void Of_ManySamples_CoversAsOftenAsItSays(int parts, int images, int reviewed, double lowest, double highest)
    {
        const int Runs = 10_000;
        const double Level = 0.9;
        var random = new Random(parts);
        // One part is four times as large, and is sampled no more than the others.
        var sizes = Enumerable.Range(0, parts).Select(part => part == 0 ? 4 * images : images).ToArray();
        var right = sizes.Select((size, part) => (int)Math.Round(size * (lowest + ((highest - lowest) * part / Math.Max(1, parts - 1))))).ToArray();
        var truth = (double)right.Sum() / sizes.Sum();
        var (covered, below) = (0, 0);
        // As the same samples come again and again.
        var known = new Dictionary<string, Interval>();
        for (var run = 0; run < Runs; run++)
        {
            var drawn = sizes.Select((size, part) => new ReviewCounts(size, reviewed, Draw(random, right[part], size, reviewed))).ToArray();
            var key = string.Join(' ', drawn.Select(part => part.Confirmed));
            if (!known.TryGetValue(key, out var interval)) known[key] = interval = StratifiedShare.Of(drawn, Level).Interval;
            if (interval.Lower <= truth + 1e-12 && truth - 1e-12 <= interval.Upper) covered++;
            else if (interval.Upper < truth) below++;
        }
        TestContext.Current.SendDiagnosticMessage($"{parts} parts of {images}, {reviewed} of each reviewed, shares {lowest} to {highest}: {covered} of {Runs} cover at {Level}, {below} end below");
        Assert.True(covered >= Level * Runs, $"{covered} of {Runs} cover, {below} are below");
    }

    /// <summary>A few images of a small part weigh next to nothing beside those of a large one: each end lies where the estimate is, and is a share.</summary>
    [Theory]
    [InlineData(1_000, 100, 90, 20_000, 20, 20)]
    [InlineData(40, 39, 20, 1_000_000, 400, 400)]
    [InlineData(40, 39, 20, 1_000_000, 400, 0)]
    [InlineData(10, 1, 0, 100_000_000, 5_000, 4_999)]
    public void Of_PartsOfUnlikeWeight_HasBothEndsAroundTheEstimate(int images, int reviewed, int confirmed, int others, int othersReviewed, int othersConfirmed)
    {
        foreach (var level in (double[])[0.5, 0.95, 0.999_999])
        {
            var (share, _, (lower, upper)) = StratifiedShare.Of([new(images, reviewed, confirmed), new(others, othersReviewed, othersConfirmed)], level);
            Assert.InRange(lower, 0, share!.Value);
            Assert.InRange(upper, share.Value, 1);
            // What Chernoff's bound of the large part alone says, and all of the small one.
            var alone = HypergeometricInterval.Exact(othersConfirmed, othersReviewed, others, level);
            Assert.InRange(upper - lower, 0, (2.5 * (alone.Upper - alone.Lower)) + ((double)images / others) + 0.01);
        }
    }

    /// <summary>Whatever the parts are, ends are numbers from 0 to 1 around the estimate.</summary>
    [Fact]
    public void Of_AnyParts_IsAnInterval()
    {
        var random = new Random(5);
        for (var run = 0; run < 400; run++)
        {
            var parts = Enumerable.Range(0, random.Next(2, 9)).Select(_ =>
            {
                var images = (long)Math.Pow(10, random.NextDouble() * 6) + 1;
                var reviewed = random.NextInt64(1, Math.Min(images, 2_000) + 1);
                return new ReviewCounts(images, reviewed, random.Next(3) switch { 0 => reviewed, 1 => 0, _ => random.NextInt64(reviewed + 1) });
            }).ToList();
            var (share, _, (lower, upper)) = StratifiedShare.Of(parts, 0.95);
            Assert.InRange(lower, 0, share!.Value + 1e-9);
            Assert.InRange(upper, share.Value - 1e-9, 1 + 1e-9);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Of_NoLevel_IsRefused(double level) => Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedShare.Of([new(10, 5, 5)], level));

    private static double Entropy(double share, double other) =>
        (share == 0 ? 0 : share * Math.Log(share / other)) + (share == 1 ? 0 : (1 - share) * Math.Log((1 - share) / (1 - other)));

    private static int Draw(Random random, int right, int size, int drawn)
    {
        var hits = 0;
        for (var draw = 0; draw < drawn; draw++)
            if (random.Next(size - draw) < right - hits) hits++;
        return hits;
    }

    private static ReviewCounts Counts(bool[] part, bool[] sample) => new(part.Length, sample.Length, sample.Count(isRight => isRight));

    private static IEnumerable<bool[]> SubsetsOf(bool[] all, int size) =>
        Enumerable.Range(0, 1 << all.Length).Where(set => System.Numerics.BitOperations.PopCount((uint)set) == size)
            .Select(set => all.Where((_, index) => (set & (1 << index)) != 0).ToArray());
}

namespace BulkQA.Core.Tests;

public sealed class ClassThresholdTests
{
    [Fact]
    public void Of_GoldenTableAtOneInTen_IsThePublishedThresholds() => Assert.Equal(
        [("Crab", 80.0), ("Crawdad", null), ("Lobster", 95.0), ("Scorpion", 90.0), ("Shrimp", (double?)null)],
        ClassTableTests.GoldenTallies().Select(entry => ClassThreshold.Of(entry.Key, entry.Value, BucketEdges.Default, 0.1))
            .Select(threshold => (threshold.Label, threshold.Threshold)));

    [Fact]
    public void Of_NothingReviewed_IsNone() => Assert.Null(Of(new BucketTally(5, 0, 0, 0), default, default, default).Threshold);

    [Fact]
    public void Of_BucketWithUnreviewedImagesOnly_StopsThere()
    {
        var threshold = Of(good: new BucketTally(10, 10, 0, 0), unreviewed: new BucketTally(3, 0, 0, 0));
        Assert.Equal((95.0, "none of the 3 images in 90-95 is reviewed"), (threshold.Threshold, threshold.Reason));
    }

    [Fact]
    public void Of_BucketWithoutImages_IsPassedOver() =>
        Assert.Equal(80, Of(default, new BucketTally(4, 4, 0, 0), default, new BucketTally(10, 10, 0, 0)).Threshold);

    [Fact]
    public void Of_RatioExactlyMet_Passes() =>
        Assert.Equal(80, Of(default, default, default, new BucketTally(11, 10, 1, 0)).Threshold);

    [Fact]
    public void Bounded_EverythingReviewed_IsThePublishedWalk() => Assert.Equal(
        ClassTableTests.GoldenTallies().Select(entry => ClassThreshold.Of(entry.Key, entry.Value, BucketEdges.Default, 0.1).Threshold),
        ClassTableTests.GoldenTallies().Select(entry => ClassThreshold.Bounded(entry.Key, entry.Value, BucketEdges.Default, 0.1, 0.95).Threshold));

    /// <summary>30 of 1,000 reviewed, none incorrect: up to 93 may be (the 30 miss 94 with 4.9 %), 60 of 1,000 with two incorrect more.</summary>
    [Fact]
    public void Bounded_ReviewedInPart_GoesByTheUpperBound()
    {
        var tally = Tally(default, default, new BucketTally(1_000, 58, 2, 0), new BucketTally(1_000, 31, 0, 0));
        var threshold = ClassThreshold.Bounded(Label.Create("A"), tally, BucketEdges.Default, 0.1, 0.95);
        Assert.Equal(95, threshold.Threshold);
        Assert.StartsWith("90-95 may have ", threshold.Reason, StringComparison.Ordinal);
        Assert.Equal(80, ClassThreshold.Of(Label.Create("A"), tally, BucketEdges.Default, 0.1).Threshold);
        Assert.Null(ClassThreshold.Bounded(Label.Create("A"), Tally(default, default, default, new BucketTally(1_000, 20, 0, 0)), BucketEdges.Default, 0.1, 0.95).Threshold);
    }

    [Fact]
    public void Bounded_ReviewedAtRandom_IsWrongNoMoreOftenThanStated()
    {
        // The lowest two exceed one in ten; the third by a hair.
        (int Images, int Incorrect, int Reviewed)[] buckets = [(300, 60, 120), (300, 28, 150), (300, 12, 120), (300, 3, 90)];
        var (random, wrong, low) = (new Random(31), 0, 0);
        var known = new Dictionary<string, double?>();
        for (var run = 0; run < 10_000; run++)
        {
            BucketTally[] tallies = [.. buckets.Select(bucket =>
            {
                var seen = 0;
                for (var draw = 0; draw < bucket.Reviewed; draw++) if (random.Next(bucket.Images - draw) < bucket.Incorrect - seen) seen++;
                return new BucketTally(bucket.Images, bucket.Reviewed - seen, seen, 0);
            })];
            var key = string.Join(' ', tallies.Select(tally => tally.Incorrect));
            if (!known.TryGetValue(key, out var threshold))
                known[key] = threshold = ClassThreshold.Bounded(Label.Create("A"), Tally(tallies), BucketEdges.Default, 0.1, 0.95).Threshold;
            if (threshold <= 85) wrong++;
            if (threshold <= 95) low++;
        }
        Assert.True(wrong <= 500, $"{wrong} of 10,000 ship a bucket that exceeds the ratio");
        Assert.True(low > 5_000, $"only {low} of 10,000 ship the good ones");
    }

    [Fact]
    public void Covering_Threshold_SaysWhatIsShippedAndWhatMayBeWrong()
    {
        var tally = Tally(default, new BucketTally(10, 0, 4, 1), new BucketTally(20, 10, 0, 0), new BucketTally(30, 8, 2, 0));
        var covering = new ClassThreshold("A", 90, "because").Covering(tally, BucketEdges.Default, 0.95);
        Assert.Equal((50, 50 / 60.0, 5.0), (covering.Images, covering.Shipped, covering.ExpectedIncorrect));
        Assert.Equal(HypergeometricInterval.UpperCount(2, 20, 50, 0.05), covering.UpperIncorrect);
        var none = new ClassThreshold("A", null, "because").Covering(tally, BucketEdges.Default, 0.95);
        Assert.Equal((0, 0.0, 0.0, 0), (none.Images, none.Shipped, none.ExpectedIncorrect, none.UpperIncorrect));
    }

    [Fact]
    public void Covering_NothingReviewed_ExpectsNothingAndBoundsByAll()
    {
        var covering = new ClassThreshold("A", 80, "because").Covering(new ReviewCounts(7, 0, 0), new ReviewCounts(7, 0, 0), 0.95);
        Assert.Equal((7, 1.0, null, 7), (covering.Images, covering.Shipped, covering.ExpectedIncorrect, covering.UpperIncorrect));
    }

    private static ClassTally Tally(params ReadOnlySpan<BucketTally> buckets) => ClassTally.Empty(BucketEdges.Default) with { Buckets = [.. buckets, default, default, default] };

    private static ClassThreshold Of(BucketTally good, BucketTally unreviewed) => Of(default, default, unreviewed, good);

    private static ClassThreshold Of(params ReadOnlySpan<BucketTally> buckets) => ClassThreshold.Of(
        Label.Create("A"), ClassTally.Empty(BucketEdges.Default) with { Buckets = [.. buckets, default, default, default] }, BucketEdges.Default, 0.1);

    /// <summary>Of a large bucket 400 images are reviewed and a tenth is wrong; a small one is reviewed in full and right.</summary>
    [Fact]
    public void Covering_SampledJob_WeighsBucketsByTheirImages()
    {
        var empty = ClassTally.Empty(BucketEdges.Default);
        var tally = empty with { Buckets = empty.Buckets.SetItem(2, new BucketTally(1_000_000, 360, 40, 0)).SetItem(3, new BucketTally(400, 400, 0, 0)) };
        var threshold = ClassThreshold.Of(Label.Create("Dog"), tally, BucketEdges.Default, 0.2);
        var sampled = threshold.Covering(tally, BucketEdges.Default, 0.95, isSampled: true);
        Assert.Equal(1_000_400, sampled.Images);
        Assert.Equal(100_000, sampled.ExpectedIncorrect!.Value, 6);
        Assert.Equal(HypergeometricInterval.UpperCount(40, 400, 1_000_000, 0.05), sampled.UpperIncorrect!.Value, 1.0);
        Assert.Equal(50_020, threshold.Covering(tally, BucketEdges.Default, 0.95).ExpectedIncorrect!.Value, 6);
    }
}

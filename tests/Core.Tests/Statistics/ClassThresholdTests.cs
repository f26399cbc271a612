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

    private static ClassThreshold Of(BucketTally good, BucketTally unreviewed) => Of(default, default, unreviewed, good);

    private static ClassThreshold Of(params ReadOnlySpan<BucketTally> buckets) => ClassThreshold.Of(
        Label.Create("A"), ClassTally.Empty(BucketEdges.Default) with { Buckets = [.. buckets, default, default, default] }, BucketEdges.Default, 0.1);
}

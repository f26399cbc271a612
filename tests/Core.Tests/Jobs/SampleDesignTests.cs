namespace BulkQA.Core.Tests;

public sealed class SampleDesignTests
{
    [Theory]
    [InlineData("400")]
    [InlineData("10 0.95")]
    [InlineData("0.1 0.999")]
    [InlineData("all")]
    public void ToString_OfWhatWasParsed_IsTheSame(string text)
    {
        Assert.True(SampleDesign.TryParse(text, out var design));
        Assert.Equal(text, design.ToString());
        Assert.Empty(design.Problems());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("ten")]
    [InlineData("10 0.95 1")]
    public void TryParse_Anything_Refuses(string? text) => Assert.False(SampleDesign.TryParse(text, out _));

    [Fact]
    public void Problems_OutOfRange_NameTheField()
    {
        Assert.Equal(["sample.images"], SampleDesign.OfSize(0).Problems().Select(problem => problem.Field));
        Assert.Equal(["sample.width", "sample.level"], SampleDesign.OfWidth(100, 1).Problems().Select(problem => problem.Field));
        Assert.Equal(["sample.width", "sample.level"], SampleDesign.OfWidth(double.NaN, double.NaN).Problems().Select(problem => problem.Field));
    }

    [Fact]
    public void SizeOf_FixedSize_IsAllOfASmallerBucket()
    {
        Assert.Equal((10L, 400L, 400L), (SampleDesign.OfSize(400).SizeOf(10), SampleDesign.OfSize(400).SizeOf(400), SampleDesign.OfSize(400).SizeOf(1_000_000)));
        Assert.Equal((0L, 25L), (SampleDesign.All.SizeOf(0), SampleDesign.All.SizeOf(25)));
    }

    /// <summary>Whatever number of the sample turns out right, the interval is as narrow as asked for; and not with half of that sample.</summary>
    [Theory]
    [InlineData(30, 0.95)]
    [InlineData(10, 0.9)]
    [InlineData(5, 0.95)]
    public void SizeOf_Width_HoldsWhateverIsFound(double width, double level)
    {
        var design = SampleDesign.OfWidth(width, level);
        foreach (var images in (long[])[1, 7, 40, 300, 5_000])
        {
            var size = design.SizeOf(images);
            Assert.InRange(size, 1, images);
            for (var right = 0L; right <= size; right++) Assert.InRange(WidthOf(right, size, images, level), 0, (width / 100) + (1.0 / images) + 1e-12);
            if (size > 4) Assert.True(WidthOf(size / 4, size / 2, images, level) > width / 100);
        }
    }

    /// <summary>Of an endless bucket the binomial's: some 400 for ten points at 95 %, as textbooks have it (1.96² / 4 / 0.05² = 384, and exact intervals are wider).</summary>
    [Fact]
    public void SizeOf_ManyImages_IsNearTheTextbooks() => Assert.InRange(SampleDesign.OfWidth(10, 0.95).SizeOf(10_000_000), 384, 425);

    [Fact]
    public void SizeOf_LargerBuckets_AskForMore()
    {
        var design = SampleDesign.OfWidth(12, 0.95);
        var sizes = Enumerable.Range(1, 40).Select(tens => design.SizeOf(10 * tens)).ToList();
        // But for a few images, as intervals go by whole ones.
        Assert.All(sizes.Zip(sizes.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 4, $"{pair}"));
        Assert.True(sizes[^1] > 2 * sizes[3]);
    }

    private static double WidthOf(long right, long size, long images, double level)
    {
        var (lower, upper) = HypergeometricInterval.Exact(right, size, images, level);
        return upper - lower;
    }
}

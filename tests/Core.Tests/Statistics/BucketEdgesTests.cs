using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class BucketEdgesTests
{
    [Theory]
    [InlineData(79.999, "underflow")]
    [InlineData(80, "80-85")]
    [InlineData(84.999, "80-85")]
    [InlineData(85, "85-90")]
    [InlineData(95, "95-100")]
    [InlineData(100, "95-100")]
    public void IndexOf_Default_IsHalfOpenButForTheLast(double confidence, string bucket) =>
        Assert.Equal(bucket, BucketEdges.Default.NameOf(BucketEdges.Default.IndexOf(Percent.Create(confidence))));

    [Fact]
    public void IndexOf_OutsideOrNone_HasABucketOfItsOwn()
    {
        var edges = BucketEdges.Create([50, 90]);
        Assert.Equal("overflow", edges.NameOf(edges.IndexOf(Percent.Create(90.1))));
        Assert.Equal("50-90", edges.NameOf(edges.IndexOf(Percent.Create(90))));
        Assert.Equal("unknown", edges.NameOf(edges.IndexOf(null)));
    }

    [Fact]
    public void Find_EveryName_IsItsBucket()
    {
        var edges = BucketEdges.Create([0, 12.5, 100]);
        Assert.All(Enumerable.Range(0, edges.BucketCount), bucket => Assert.Equal(bucket, edges.Find(edges.NameOf(bucket))));
        Assert.Null(edges.Find("1-2"));
    }

    [Fact]
    public void IndexOf_AnyConfidence_LiesWithinTheBoundsOfItsBucket() =>
        Gen.Select(Gen.Double[0, 100].Array[2, 8].Where(values => values.Distinct().Count() > 1), Gen.Double[0, 100]).Sample((values, confidence) =>
        {
            var edges = BucketEdges.Create(values.Distinct().Order());
            var bucket = edges.IndexOf(Percent.Create(confidence));
            var (from, to) = edges.BoundsOf(bucket);
            Assert.InRange(confidence, from!.Value, to!.Value);
        }, iter: 500);

    [Theory]
    [InlineData(new double[] { 80 }, "2 to 101")]
    [InlineData(new double[] { 80, 80 }, "ascend")]
    [InlineData(new double[] { 90, 80 }, "ascend")]
    [InlineData(new double[] { -1, 80 }, "0 to 100")]
    [InlineData(new[] { 80, double.NaN }, "0 to 100")]
    public void TryCreate_Malformed_SaysWhy(double[] edges, string reason)
    {
        Assert.False(BucketEdges.TryCreate(edges, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}

using MathNet.Numerics.Distributions;

namespace BulkQA.Core.Tests;

public sealed class ExpectedCorrectTests
{
    /// <summary>Equal posteriors are a binomial distribution, whose quantiles another library has.</summary>
    [Theory]
    [InlineData(40, 0.9)]
    [InlineData(1_500, 0.97)]
    [InlineData(1_000, 0.5)]
    public void Of_EqualPosteriors_CutsOffTheTailsOfTheBinomial(int images, double posterior)
    {
        var expected = ExpectedCorrect.Of(Enumerable.Repeat(posterior, images).ToArray(), 0.95);
        var binomial = new Binomial(posterior, images);
        Assert.Equal(images * posterior, expected.Mean, 1e-9);
        Assert.True(binomial.CumulativeDistribution(expected.Lower - 1) <= 0.025 && binomial.CumulativeDistribution(expected.Lower) > 0.025);
        Assert.True(binomial.CumulativeDistribution(expected.Upper) >= 0.975 && binomial.CumulativeDistribution(expected.Upper - 1) < 0.975);
    }

    [Fact]
    public void Refined_ThousandsOfPosteriors_IsWithinOneOfTheExact()
    {
        var random = new Random(4);
        foreach (var power in (double[])[0.02, 0.3, 1])
        {
            var posteriors = Enumerable.Range(0, 2_000).Select(_ => Math.Pow(random.NextDouble(), power)).Where(posterior => posterior is > 0 and < 1).ToArray();
            var (exact, refined) = (ExpectedCorrect.Exact(posteriors, 0.025), ExpectedCorrect.Refined(PosteriorSums.Of(posteriors), 0.025));
            Assert.InRange(refined.Lower - exact.Lower, -1, 1);
            Assert.InRange(refined.Upper - exact.Upper, -1, 1);
        }
    }

    /// <summary>Parts add up, be they few enough to be kept one by one, or not.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(1_800)]
    [InlineData(2_500)]
    public void Of_SumsOfParts_IsThatOfTheWhole(int images)
    {
        var random = new Random(5);
        var posteriors = Enumerable.Range(0, images).Select(number => number % 10 == 0 ? 1 : number % 17 == 0 ? 0 : random.NextDouble()).ToArray();
        var (whole, parts) = (PosteriorSums.Of(posteriors), posteriors.Chunk(700).Select(PosteriorSums.Of).Aggregate(PosteriorSums.Add));
        Assert.Equal((whole.Images, whole.Certain, whole.Uncertain, whole.IsExact), (parts.Images, parts.Certain, parts.Uncertain, parts.IsExact));
        Assert.Equal(images < 2_400, whole.IsExact);
        var (expected, summed) = (ExpectedCorrect.Of(whole, 0.95), ExpectedCorrect.Of(parts, 0.95));
        Assert.Equal((expected.Images, expected.Lower, expected.Upper), (summed.Images, summed.Lower, summed.Upper));
        Assert.Equal(posteriors.Sum(), summed.Mean, 1e-9);
    }

    [Fact]
    public void Of_CertainImages_IsAPoint() => Assert.Equal(new ExpectedCorrect(3, 2, 2, 2), ExpectedCorrect.Of([1, 0, 1], 0.95));

    [Fact]
    public void Of_NoImages_IsNothing() => Assert.Equal(new ExpectedCorrect(0, 0, 0, 0), ExpectedCorrect.Of([], 0.95));

    [Fact]
    public void Of_DrawnAsTheModelSays_CoversAsOftenAsClaimed()
    {
        var random = new Random(9);
        double[] posteriors = [.. Enumerable.Range(0, 120).Select(_ => Math.Sqrt(random.NextDouble()))];
        var expected = ExpectedCorrect.Of(posteriors, 0.9);
        var covered = 0;
        for (var run = 0; run < 10_000; run++)
        {
            var right = 0;
            foreach (var posterior in posteriors) if (random.NextDouble() < posterior) right++;
            if (right >= expected.Lower && right <= expected.Upper) covered++;
        }
        Assert.True(covered >= 9_000, $"{covered} of 10,000 are covered");
    }

    [Fact]
    public void Of_OutsideItsRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpectedCorrect.Of([0.5, double.NaN], 0.95));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpectedCorrect.Of([0.5], 1));
    }
}

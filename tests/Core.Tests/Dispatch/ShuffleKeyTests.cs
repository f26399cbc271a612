namespace BulkQA.Core.Tests;

public sealed class ShuffleKeyTests
{
    private static readonly Label _dog = Label.Create("Dog");

    [Fact]
    public void Order_ItsFirstTenth_IsARandomSampleOfTheWholeAndOfEveryBucket()
    {
        // A corpus sorted by confidence, as models leave them: 5,000 images, of which every fifth is wrong in the lower half alone.
        const int images = 5_000, sample = 500, seeds = 200;
        var inHalf = new double[seeds];
        var wrong = new double[seeds];
        var positions = new double[10];
        for (var seed = 0; seed < seeds; seed++)
        {
            foreach (var line in Enumerable.Range(0, images).OrderBy(number => ShuffleKey.Of(seed, _dog, ImageUrl.Create($"s3://b/{number:d5}.jpg"))).Take(sample))
            {
                positions[line / (images / 10)]++;
                if (line < images / 2) inHalf[seed]++;
                if (line < images / 2 && line % 5 == 0) wrong[seed]++;
            }
        }
        // The sums are hypergeometric: within four standard errors of what a sample without replacement has.
        var correction = (double)(images - sample) / (images - 1);
        AssertMean(inHalf, sample * 0.5, sample * 0.25 * correction);
        AssertMean(wrong, sample * 0.1, sample * 0.09 * correction);
        Assert.InRange(inHalf.Select(count => Math.Pow(count - (sample * 0.5), 2)).Average(), sample * 0.25 * correction * 0.6, sample * 0.25 * correction * 1.5);
        // Chi-square of ten tenths of the corpus, nine degrees of freedom: 27.9 is exceeded once in a thousand.
        var expected = (double)seeds * sample / 10;
        Assert.InRange(positions.Sum(count => Math.Pow(count - expected, 2) / expected), 0, 27.9);

        static void AssertMean(double[] counts, double mean, double variance) =>
            Assert.InRange(counts.Average(), mean - (4 * Math.Sqrt(variance / counts.Length)), mean + (4 * Math.Sqrt(variance / counts.Length)));
    }

    [Fact]
    public void Of_DependsOnSeedLabelAndUrlAlone()
    {
        var url = ImageUrl.Create("s3://b/1.jpg");
        Assert.Equal(ShuffleKey.Of(1, _dog, url), ShuffleKey.Of(1, _dog, url));
        Assert.Equal(3, new[] { ShuffleKey.Of(1, _dog, url), ShuffleKey.Of(2, _dog, url), ShuffleKey.Of(1, Label.Create("Cat"), url) }.Distinct().Count());
    }
}

using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class GoldMixerTests
{
    private static readonly Label _dog = Label.Create("Dog");

    /// <summary>Every image is in one task, in order; gold is in none twice, and no task is larger than one without gold.</summary>
    [Fact]
    public void Cut_Any_HasEveryImageOnceAndGoldAmongThem() => Gen.Select(Gen.Int[0, 120], Gen.Int[0, 12], Gen.Int[1, 30], Gen.Int[2, 40], Gen.Int[0, 99], Gen.Bool).Sample(
        (count, pool, batchSize, oneIn, seed, cutRemainder) =>
        {
            var (images, gold) = (Images(count), Gold(pool));
            var tasks = new GoldMixer(new GoldMix(oneIn, seed), _dog, gold).Cut(images, batchSize, cutRemainder).ToList();
            var taken = tasks.Sum(task => task.Taken);
            Assert.Equal(images[..taken], tasks.SelectMany(task => task.Images).Where(image => !image.IsMixedIn));
            Assert.InRange(count - taken, 0, cutRemainder ? 0 : batchSize - 1);
            foreach (var (task, own) in tasks)
            {
                var mixed = task.Where(image => image.IsMixedIn).ToList();
                Assert.Equal((own, mixed.Count), (task.Length - mixed.Count, mixed.Distinct().Count()));
                Assert.InRange(task.Length, own, batchSize);
                Assert.Subset(gold.Select(image => image.Url).ToHashSet(), mixed.Select(image => image.Url).ToHashSet());
                Assert.All(mixed, image => Assert.NotNull(image.Confidence));
            }
            Assert.All(tasks.SkipLast(1), task => Assert.Equal(batchSize, pool >= batchSize / oneIn + 1 ? task.Images.Length : batchSize));
        }, iter: 2_000);

    /// <summary>A chi-squared test that gold is at every place of a batch and of every gold image as often, at one in a million.</summary>
    [Fact]
    public void Cut_ManyTasks_MixesOneInTenInAtEveryPlaceAndEveryImageAlike()
    {
        var tasks = new GoldMixer(new GoldMix(10, 1), _dog, Gold(20)).Cut(Images(45_000), 25, true).ToList();
        var mixed = tasks.SelectMany(task => task.Images.Index()).Where(image => image.Item.IsMixedIn).ToList();
        Assert.InRange(mixed.Count / (double)tasks.Sum(task => task.Images.Length), 0.098, 0.102);
        // Upper quantiles of chi-squared with 24 and 19 degrees of freedom at one in a million: 77.0 and 68.7.
        Assert.InRange(ChiSquared(mixed.CountBy(image => image.Index), 25), 0, 77.0);
        Assert.InRange(ChiSquared(mixed.CountBy(image => image.Item.Url), 20), 0, 68.7);

        double ChiSquared<T>(IEnumerable<KeyValuePair<T, int>> counts, int cells) =>
            counts.Select(cell => (double)cell.Value).Concat(Enumerable.Repeat(0.0, cells)).Take(cells).Sum(count => Math.Pow(count - ((double)mixed.Count / cells), 2) / ((double)mixed.Count / cells));
    }

    [Fact]
    public void Cut_SameImages_GivesTheSameTasksBySeed()
    {
        Assert.Equal(Cut(1), Cut(1));
        Assert.NotEqual(Cut(1), Cut(2));

        IEnumerable<CorpusImage> Cut(int seed) => new GoldMixer(new GoldMix(5, seed), _dog, Gold(9)).Cut(Images(100), 10, true).SelectMany(task => task.Images);
    }

    /// <summary>Among images with confidences, one without would be known at sight.</summary>
    [Fact]
    public void Cut_GoldWithoutConfidence_HasThatOfAnImageBesideIt()
    {
        var tasks = new GoldMixer(new GoldMix(2, 1), _dog, [.. Gold(5).Select(image => image with { Confidence = null })]).Cut(Images(30), 10, true);
        Assert.All(tasks, task => Assert.All(task.Images.Where(image => image.IsMixedIn), image => Assert.Contains(image.Confidence, task.Images.Where(other => !other.IsMixedIn).Select(other => other.Confidence))));
    }

    private static CorpusImage[] Images(int count) => [.. Enumerable.Range(0, count).Select(number => new CorpusImage(ImageUrl.Create($"s3://b/{number}"), Percent.Create(number % 100)))];

    private static CorpusImage[] Gold(int count) => [.. Enumerable.Range(0, count).Select(number =>
        new CorpusImage(ImageUrl.Create($"s3://b/gold/{number}"), Percent.Create(95), Gold: new GoldAnswer(number % 2 == 0, new GoldPlace(new TaskNumber(0), number))))];
}

using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class GoldMixerTests
{
    private static readonly ClassAddress _dog = new(Incarnation.Parse("job~0123456789ab"), Label.Create("Dog"));

    /// <summary>Every image is in one task, in order; gold is in none twice, and no task is larger than one without gold.</summary>
    [Fact]
    public void Cut_Any_HasEveryImageOnceAndGoldAmongThem() => Gen.Select(Gen.Int[0, 120], Gen.Int[0, 12], Gen.Int[1, 30], Gen.Int[2, 40], Gen.Int[0, 99], Gen.Int[0, 1], Gen.Int[0, 50]).Sample(
        (count, pool, batchSize, oneIn, seed, remainder, dealt) =>
        {
            var (images, gold, cutRemainder) = (Images(count), Gold(pool), remainder == 1);
            var tasks = new GoldMixer(new GoldMix(oneIn, seed), _dog, gold, dealt).Cut(images, batchSize, cutRemainder).ToList();
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
            Assert.All(tasks.SkipLast(1), task => Assert.Equal(batchSize, task.Images.Length));
        }, iter: 2_000);

    /// <summary>A chi-squared test that gold is at every place of a batch as often; and every gold image is mixed in as often, but for one.</summary>
    [Fact]
    public void Cut_ManyTasks_MixesOneInTenInAtEveryPlaceAndEveryImageAlike()
    {
        var tasks = new GoldMixer(new GoldMix(10, 1), _dog, Gold(20), 0).Cut(Images(45_000), 25, true).ToList();
        var mixed = tasks.SelectMany(task => task.Images.Index()).Where(image => image.Item.IsMixedIn).ToList();
        Assert.InRange(mixed.Count / (double)tasks.Sum(task => task.Images.Length), 0.098, 0.102);
        // The upper quantile of chi-squared with 24 degrees of freedom at one in a million.
        Assert.InRange(ChiSquared(mixed.CountBy(image => image.Index), 25), 0, 77.0);
        Assert.All(mixed.CountBy(image => image.Item.Url), count => Assert.InRange(count.Value, (mixed.Count / 20) - 1, (mixed.Count / 20) + 2));

        double ChiSquared<T>(IEnumerable<KeyValuePair<T, int>> counts, int cells) =>
            counts.Select(cell => (double)cell.Value).Concat(Enumerable.Repeat(0.0, cells)).Take(cells).Sum(count => Math.Pow(count - ((double)mixed.Count / cells), 2) / ((double)mixed.Count / cells));
    }

    [Fact]
    public void Cut_SameImages_GivesTheSameTasksBySeed()
    {
        Assert.Equal(Cut(1), Cut(1));
        Assert.NotEqual(Cut(1), Cut(2));

        IEnumerable<CorpusImage> Cut(int seed) => new GoldMixer(new GoldMix(5, seed), _dog, Gold(9), 0).Cut(Images(100), 10, true).SelectMany(task => task.Images);
    }

    /// <summary>Of a deck no image comes again before all others have come, wherever the call before ended.</summary>
    [Fact]
    public void Cut_CallAfterCall_DealsTheWholeDeckBeforeAnyComesAgain()
    {
        var (gold, dealt) = (Gold(30), new List<ImageUrl>());
        foreach (var images in Images(600).Chunk(60))
            dealt.AddRange(new GoldMixer(new GoldMix(4, 1), _dog, gold, dealt.Count).Cut(images, 12, true).SelectMany(task => task.Images).Where(image => image.IsMixedIn).Select(image => image.Url));
        Assert.InRange(dealt.Count, 180, 220);
        Assert.All(dealt.Chunk(30), deck => Assert.Equal(deck.Length, deck.Distinct().Count()));
    }

    /// <summary>A confidence of its own, or the lack of it, would tell: it is that of an image of another task.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(95.0)]
    public void Cut_GoldOfAnyConfidence_HasThatOfAnotherImage(double? own)
    {
        CorpusImage[] gold = [.. Gold(5).Select(image => image with { Confidence = own is { } score ? Percent.Create(score) : null })];
        CorpusImage[] images = [.. Images(30).Select(image => image with { Confidence = Percent.Create(image.Confidence!.Value.Value / 2) })];
        foreach (var (task, _) in new GoldMixer(new GoldMix(2, 1), _dog, gold, 0).Cut(images, 10, true))
        {
            var others = images.Except(task).Select(image => image.Confidence).ToHashSet();
            Assert.All(task.Where(image => image.IsMixedIn), image => Assert.Contains(image.Confidence, others));
        }
        Assert.All(
            new GoldMixer(new GoldMix(2, 1), _dog, gold, 0).Cut([.. images.Select(image => image with { Confidence = null })], 10, true),
            task => Assert.All(task.Images, image => Assert.Null(image.Confidence)));
    }

    private static CorpusImage[] Images(int count) => [.. Enumerable.Range(0, count).Select(number => new CorpusImage(ImageUrl.Create($"s3://b/{number}"), Percent.Create(number % 100)))];

    private static CorpusImage[] Gold(int count) => [.. Enumerable.Range(0, count).Select(number =>
        new CorpusImage(ImageUrl.Create($"s3://b/gold/{number}"), Percent.Create(95), Gold: new GoldAnswer(number % 2 == 0, new GoldPlace(new TaskNumber(0), number))))];
}

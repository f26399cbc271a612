using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class FineHistogramTests
{
    [Fact]
    public void StepOf_EveryStepsBeginning_IsThatStep() =>
        Assert.All(Enumerable.Range(0, FineHistogram.MaxStep + 1), step => Assert.Equal(step, FineHistogram.StepOf(FineHistogram.ConfidenceOf(step))));

    [Fact]
    public void StepOf_AnyConfidence_LiesBetweenItsStepAndTheNext() => Gen.Double[0, 100].Sample(confidence =>
    {
        var step = FineHistogram.StepOf(confidence);
        Assert.True(FineHistogram.ConfidenceOf(step) <= confidence && (step == FineHistogram.MaxStep || confidence < FineHistogram.ConfidenceOf(step + 1)));
        Assert.Equal(step, FineHistogram.StepOf(Math.BitIncrement(FineHistogram.ConfidenceOf(step))));
        if (step > 0) Assert.Equal(step - 1, FineHistogram.StepOf(Math.BitDecrement(FineHistogram.ConfidenceOf(step))));
    }, iter: 2_000);

    /// <summary>Images come, change their verdict and go, in any order, and it counts what a dictionary of them has.</summary>
    [Fact]
    public void Counter_ImagesThatComeChangeAndGo_CountsThoseThatAreThere() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 3], Gen.Int[0, 2]).Array[0, 200].Sample(changes =>
        {
            var counter = new FineCounter();
            var images = new List<(double Confidence, Verdict Verdict)>();
            foreach (var (place, verdict, change) in changes)
            {
                if (change == 0 || images.Count == 0)
                {
                    images.Add((place == 0 ? double.NaN : place * 2.5, (Verdict)verdict));
                    counter.Add(images[^1].Confidence, images[^1].Verdict, +1);
                    continue;
                }
                var at = place % images.Count;
                if (change == 1)
                {
                    counter.Move(images[at].Confidence, images[at].Verdict, (Verdict)verdict, +1);
                    images[at] = (images[at].Confidence, (Verdict)verdict);
                    continue;
                }
                counter.Add(images[at].Confidence, images[at].Verdict, -1);
                images.RemoveAt(at);
            }
            Assert.Equal(Count(images), counter.ToHistogram());
            counter.Clear();
            Assert.Equal(FineHistogram.Empty, counter.ToHistogram());
        }, iter: 300);

    /// <summary>From a few steps to a place for each, and down again, each image at a step of its own.</summary>
    [Fact]
    public void Counter_MoreStepsThanAreKeptInOrder_CountsAsBefore()
    {
        var random = new Random(2);
        int[] steps = [.. Enumerable.Range(0, FineHistogram.MaxStep + 1)];
        random.Shuffle(steps);
        var (counter, adjusted, images) = (new FineCounter(), new FineCounter(), new List<(double Confidence, Verdict Verdict)>());
        foreach (var (number, step) in steps.Take(2 * FineCounter.MostSparse).Index())
        {
            images.Add((FineHistogram.ConfidenceOf(step), (Verdict)random.Next(4)));
            counter.Add(images[^1].Confidence, images[^1].Verdict, +1);
            if (number is 1 or FineCounter.MostSparse - 1 or FineCounter.MostSparse) Assert.Equal(Count(images), counter.ToHistogram());
        }
        Assert.Equal(Count(images), counter.ToHistogram());
        foreach (var (confidence, verdict) in images) adjusted.Move(confidence, verdict, Verdict.Confirmed, +1);
        Assert.Equal(Count(images.Select(image => (image.Confidence, Verdict.Confirmed))), counter.ToHistogram(adjusted));
        foreach (var (confidence, verdict) in images) adjusted.Move(confidence, verdict, Verdict.Confirmed, -1);
        Assert.Equal(Count(images), counter.ToHistogram(adjusted));
        foreach (var (confidence, verdict) in images.Skip(5)) counter.Add(confidence, verdict, -1);
        Assert.Equal(Count(images.Take(5)), counter.ToHistogram());
    }

    [Fact]
    public void PackUnpackAndSum_AnyImages_KeepEveryCount() =>
        Gen.Select(Gen.Double[0, 100], Gen.Int[0, 3]).Array[0, 60].Sample(images =>
        {
            var histogram = Count(images.Select(image => (image.Item1 < 5 ? double.NaN : image.Item1, (Verdict)image.Item2)));
            Assert.Equal(histogram, FineHistogram.Unpack(histogram.Pack()));
            Assert.Equal(images.Length, histogram.All.Images);
            Assert.Equal(histogram.All + histogram.All, FineHistogram.Sum([histogram, histogram]).All);
            Assert.Equal(histogram, FineHistogram.Sum([FineHistogram.Empty, histogram]));
            Assert.Equal(images.Count(image => image.Item1 >= 60.07), histogram.AtOrAbove(60.07).Images);
        }, iter: 200);

    [Fact]
    public void Create_StepsThatDoNotAscend_Throws()
    {
        var one = new ReviewCounts(1, 0, 0);
        Assert.Throws<ArgumentException>(() => new FineHistogram([new FineStep(3, one), new FineStep(3, one)], default));
        Assert.Throws<ArgumentException>(() => new FineHistogram([new FineStep(FineHistogram.MaxStep + 1, one)], default));
    }

    [Fact]
    public void Counter_AtEveryStep_TakesWhatIsStated()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var counter = new FineCounter();
        for (var step = 0; step <= FineHistogram.MaxStep; step++) counter.Add(step / 100.0, Verdict.Confirmed, +1);
        // What grew before there was a place for each is garbage by now, and in this, too.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 120_000, 200_000);
        Assert.Equal(FineHistogram.MaxStep + 1, counter.ToHistogram().Steps.Length);
    }

    /// <summary>The slow way.</summary>
    internal static FineHistogram Count(IEnumerable<(double Confidence, Verdict Verdict)> images)
    {
        var all = images.ToList();
        ReviewCounts Of(IEnumerable<(double, Verdict Verdict)> some) => new(some.Count(), some.Count(image => image.Verdict != Verdict.Unreviewed), some.Count(image => image.Verdict == Verdict.Confirmed));
        return new FineHistogram(
            [.. all.Where(image => !double.IsNaN(image.Confidence)).GroupBy(image => FineHistogram.StepOf(image.Confidence)).OrderBy(group => group.Key).Select(group => new FineStep(group.Key, Of(group)))],
            Of(all.Where(image => double.IsNaN(image.Confidence))));
    }
}

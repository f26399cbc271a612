using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class CalibrationTests
{
    private static readonly Gen<FineHistogram> _histograms = Gen.Select(Gen.Int[0, FineHistogram.MaxStep], Gen.Int[0, 9], Gen.Double[0, 1]).Array[0, 40]
        .Select(steps => FineHistogram.Sum(steps.Select(step => new FineHistogram([new FineStep(step.Item1, new ReviewCounts(10, step.Item2, (long)(step.Item2 * step.Item3)))], default))));

    /// <summary>By hand: 8 of 10 right at 0.99, 1 of 2 at 0.95, 5 of 8 at 0.5, of which the first two share a bin of equal width.</summary>
    [Fact]
    public void Scores_OfThreeProbabilities_AreAsByHand()
    {
        var scores = CalibrationScores.Of([new Prediction(0.5, 8, 5), new Prediction(0.95, 2, 1), new Prediction(0.99, 10, 8)])!;
        var upper = (((10 * 0.99) + (2 * 0.95)) / 12) - (9 / 12.0);
        Assert.Equal(((12 * upper) + (8 * 0.125)) / 20, scores.Ece, 1e-12);
        Assert.Equal(upper, scores.Mce, 1e-12);
        // Three probabilities are three bins of equally many images, as far as they go.
        Assert.Equal(((10 * 0.19) + (2 * 0.45) + (8 * 0.125)) / 20, scores.AdaptiveEce, 1e-12);
        var square = ((10 * ((0.19 * 0.19) - (0.16 / 9))) + (2 * ((0.45 * 0.45) - 0.25)) + (8 * ((0.125 * 0.125) - (0.234375 / 7)))) / 20;
        Assert.Equal(Math.Sqrt(Math.Max(0, square)), scores.DebiasedRms, 1e-12);
        Assert.Equal(((8 * 0.01 * 0.01) + (2 * 0.99 * 0.99) + (0.05 * 0.05) + (0.95 * 0.95) + (8 * 0.25)) / 20, scores.Brier, 1e-12);
    }

    [Fact]
    public void Diagrams_AnyImages_HoldEachOnce() => _histograms.Sample(histogram =>
    {
        var predictions = CalibrationSample.Of(histogram.Steps);
        foreach (var diagram in new[] { ReliabilityDiagram.OfEqualWidth(predictions), ReliabilityDiagram.OfEqualSize(predictions) })
        {
            Assert.True(diagram.Length <= ReliabilityDiagram.Bins);
            Assert.Equal((predictions.Sum(one => one.Reviewed), predictions.Sum(one => one.Confirmed)), (diagram.Sum(bin => bin.Reviewed), diagram.Sum(bin => bin.Confirmed)));
            Assert.All(diagram, bin => Assert.InRange(bin.Predicted, bin.From - 1e-12, bin.To + 1e-12));
        }
    }, iter: 200);

    [Fact]
    public void Deal_AnyImages_GivesPartsOfOneSizeThatAddUp() => _histograms.Sample(histogram =>
    {
        var parts = CalibrationSample.Deal(histogram.Steps);
        var sum = FineHistogram.Sum(parts.Select(part => new FineHistogram(part, default)));
        Assert.Equal((histogram.All.Reviewed, histogram.All.Confirmed), (sum.All.Reviewed, sum.All.Confirmed));
        Assert.All(sum.Steps, step => Assert.Equal(histogram.Steps.Single(own => own.Step == step.Step).Counts with { Images = step.Counts.Images }, step.Counts));
        var sizes = parts.Select(part => part.Sum(step => step.Counts.Reviewed)).ToList();
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        Assert.Equal(parts.SelectMany(part => part), CalibrationSample.Deal(histogram.Steps).SelectMany(part => part));
    }, iter: 200);

    /// <summary>Whatever the verdicts, the same images are dealt to the same places: were it otherwise, parts would know of each other's.</summary>
    [Fact]
    public void Deal_OtherVerdicts_DealsTheSameConfidencesToEachPart() => Gen.Select(_histograms, Gen.Int[0, 1_000]).Sample((histogram, seed) =>
    {
        var random = new Random(seed);
        var others = histogram.Steps.Select(step => step with { Counts = step.Counts with { Confirmed = random.NextInt64(step.Counts.Reviewed + 1) } });
        Assert.Equal(Places(histogram.Steps), Places(others));

        static IEnumerable<(int Part, int Step, long Reviewed)> Places(IEnumerable<FineStep> steps) =>
            CalibrationSample.Deal(steps).Index().SelectMany(part => part.Item.Select(step => (part.Index, step.Step, step.Counts.Reviewed)));
    }, iter: 200);

    /// <summary>
    /// Of 20 images of one step, 8 of them right, four go to each part: how many of them are right has the moments of the hypergeometric
    /// distribution, mean 1.6 and variance 4 * 0.4 * 0.6 * 16 / 19.
    /// </summary>
    [Fact]
    public void Deal_ImagesOfOneConfidence_AreRightAsIfDrawnFromAnUrn()
    {
        var parts = CalibrationSample.Deal(Enumerable.Range(0, 4_000).Select(step => new FineStep(step, new ReviewCounts(20, 20, 8))));
        foreach (var part in parts)
        {
            Assert.All(part, step => Assert.Equal(4, step.Counts.Reviewed));
            Assert.Equal(1.6, part.Average(step => step.Counts.Confirmed), 0.07);
            Assert.Equal(4 * 0.4 * 0.6 * 16 / 19, part.Average(step => (step.Counts.Confirmed - 1.6) * (step.Counts.Confirmed - 1.6)), 0.08);
        }
    }

    /// <summary>
    /// 200 images with confidences all over and right with 0.5 + 0.45 of it: what nobody can predict alone makes a Brier score of 0.1825, and a
    /// cross-validated one below it has looked.
    /// </summary>
    [Fact]
    public void Of_FewImages_ScoresAfterwardsAreThoseOfFreshImages()
    {
        var random = new Random(3);
        const int Runs = 300, Images = 200;
        var (dealt, fresh) = (0.0, 0.0);
        for (var run = 0; run < Runs; run++)
        {
            var found = Calibration.Of(FineHistogramTests.Count(Draw(Images)));
            dealt += found.IsotonicAfter!.Brier / Runs;
            var others = FineHistogramTests.Count(Draw(5 * Images)).Steps;
            fresh += CalibrationScores.Of([.. others.Select(step => new Prediction(found.Isotonic.ShareAt(step.Step)!.Value, step.Counts.Reviewed, step.Counts.Confirmed)).OrderBy(one => one.Probability)])!.Brier / Runs;
        }
        TestContext.Current.SendDiagnosticMessage($"after {dealt}, fresh {fresh}");
        Assert.True(fresh > 0.1825, $"{fresh}");
        Assert.Equal(fresh, dealt, 0.003);

        (double, Verdict)[] Draw(int images) =>
            [.. Enumerable.Range(0, images).Select(_ => random.NextDouble()).Select(x => (100 * x, random.NextDouble() < 0.5 + (0.45 * x) ? Verdict.Confirmed : Verdict.Disconfirmed))];
    }

    /// <summary>Counts that are exactly as probabilities of another temperature say, which is then of the greatest likelihood.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void Temperature_OfExactCounts_IsFoundAgain(double temperature)
    {
        var scaling = new TemperatureScaling(temperature);
        Prediction[] predictions = [.. Enumerable.Range(1, 99).Select(percent => new Prediction(percent / 100.0, 1_000_000_000, (long)Math.Round(1e9 * scaling.Map(percent / 100.0))))];
        Assert.Equal(temperature, TemperatureScaling.Fit(predictions).Temperature, 1e-6);
    }

    [Fact]
    public void Temperature_ConfidencesThatSayNothing_StaysWithinItsLimits()
    {
        Assert.Equal(TemperatureScaling.Limit, TemperatureScaling.Fit([new Prediction(0.9, 100, 10)]).Temperature, 1e-6);
        // All are right: the surer the better, until nothing is left to gain.
        Assert.InRange(TemperatureScaling.Fit([new Prediction(0.9, 100, 100)]).Temperature, 1 / TemperatureScaling.Limit, 0.1);
        Assert.Equal(1, TemperatureScaling.Fit([]).Temperature);
    }

    [Fact]
    public void Of_ConfidencesThatAreTooSure_IsPutRightByBothMaps()
    {
        var random = new Random(11);
        var truth = new TemperatureScaling(2);
        var images = Enumerable.Range(0, 20_000).Select(_ => 60 + (40 * random.NextDouble())).Select(confidence =>
            (confidence, random.NextDouble() < truth.Map(confidence / 100) ? Verdict.Confirmed : Verdict.Disconfirmed));
        var found = Calibration.Of(FineHistogramTests.Count(images));
        Assert.Equal(2, found.Temperature.Temperature, 0.1);
        Assert.True(found.Scores!.Ece > 0.1, $"{found.Scores}");
        Assert.True(found.TemperatureAfter!.Ece < 0.02 && found.IsotonicAfter!.Ece < 0.02, $"{found.TemperatureAfter} {found.IsotonicAfter}");
        Assert.True(found.TemperatureAfter.Brier < found.Scores.Brier && found.IsotonicAfter.Brier < found.Scores.Brier);
        Assert.True(found.TemperatureAfter.DebiasedRms < 0.02 && found.TemperatureAfter.AdaptiveEce < 0.02);
    }

    [Fact]
    public void Of_NothingReviewed_HasNoScores()
    {
        var found = Calibration.Of(FineHistogramTests.Count([(90, Verdict.Unreviewed), (double.NaN, Verdict.Confirmed)]));
        Assert.Equal((0, 1, null, null), (found.Reviewed, found.WithoutConfidence, found.Scores, found.MeanProbability));
        Assert.True(found.Diagram.IsEmpty && found.Isotonic.Blocks.IsEmpty && found.IsotonicAfter is null);
    }

    [Fact]
    public void Of_OneImage_HasScoresAndNoCrossValidation()
    {
        var found = Calibration.Of(FineHistogramTests.Count([(100, Verdict.Confirmed)]));
        Assert.Equal(0.00005, found.Scores!.Ece, 1e-12);
        Assert.Null(found.TemperatureAfter);
    }

    [Fact]
    public void Of_AllConfidencesEqual_HasOneBin() =>
        Assert.Single(Calibration.Of(FineHistogramTests.Count(Enumerable.Range(0, 30).Select(image => (97.0, image < 25 ? Verdict.Confirmed : Verdict.Split)))).Diagram);
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>How well confidences say how often labels are right, in a class or in all, and maps that put them right.</summary>
/// <param name="Reviewed">Images with a confidence and a verdict: all else is by them.</param>
/// <param name="WithoutConfidence">Reviewed images without a confidence, which are left out.</param>
/// <param name="Confirmed">Of <paramref name="Reviewed"/>.</param>
/// <param name="MeanProbability">Of those predicted; null when nothing is reviewed.</param>
/// <param name="Scores">Null when nothing is reviewed.</param>
/// <param name="Diagram">Bins of equal width.</param>
/// <param name="Isotonic">Maps each step to the share that reviews show, smoothed.</param>
/// <param name="IsotonicAfter">Scores of images that the map they went through was not fitted to; null with fewer than <see cref="FewestToSplit"/>.</param>
/// <param name="Temperature">The other map.</param>
/// <param name="TemperatureAfter">As for the first.</param>
public sealed record Calibration(
    long Reviewed, long WithoutConfidence, long Confirmed, double? MeanProbability, CalibrationScores? Scores, ImmutableArray<DiagramBin> Diagram,
    IsotonicRegression Isotonic, CalibrationScores? IsotonicAfter, TemperatureScaling Temperature, CalibrationScores? TemperatureAfter)
{
    /// <summary>Two for each part.</summary>
    public const int FewestToSplit = 2 * CalibrationSample.Folds;

    public static Calibration Of(FineHistogram histogram)
    {
        var predictions = CalibrationSample.Of(histogram.Steps);
        var (reviewed, confirmed) = (predictions.Sum(prediction => prediction.Reviewed), predictions.Sum(prediction => prediction.Confirmed));
        var (isotonic, temperature) = reviewed >= FewestToSplit ? Validate(histogram.Steps) : (null, null);
        return new Calibration(
            reviewed, histogram.Unknown.Reviewed, confirmed, reviewed == 0 ? null : predictions.Sum(prediction => prediction.Probability * prediction.Reviewed) / reviewed,
            CalibrationScores.Of(predictions), ReliabilityDiagram.OfEqualWidth(predictions),
            IsotonicRegression.Fit(histogram.Steps), isotonic, TemperatureScaling.Fit(predictions), temperature);
    }

    /// <summary>Each part through the maps of all the others.</summary>
    private static (CalibrationScores? Isotonic, CalibrationScores? Temperature) Validate(ImmutableArray<FineStep> steps)
    {
        var parts = CalibrationSample.Deal(steps);
        var (isotonic, temperature) = (new List<Prediction>(), new List<Prediction>());
        foreach (var part in parts)
        {
            var others = Without(steps, part);
            var fit = IsotonicRegression.Fit(others);
            var scaling = TemperatureScaling.Fit(CalibrationSample.Of(others));
            foreach (var (step, counts) in part)
            {
                isotonic.Add(new Prediction(fit.ShareAt(step)!.Value, counts.Reviewed, counts.Confirmed));
                temperature.Add(new Prediction(scaling.Map(CalibrationSample.ProbabilityOf(step)), counts.Reviewed, counts.Confirmed));
            }
        }
        return (Score(isotonic), Score(temperature));
    }

    /// <summary>Images of one probability stay together, from whichever part they are.</summary>
    private static CalibrationScores? Score(List<Prediction> predictions)
    {
        predictions.Sort((left, right) => left.Probability.CompareTo(right.Probability));
        var together = new List<Prediction>(predictions.Count);
        foreach (var prediction in predictions)
        {
            if (together.Count > 0 && together[^1] is var last && last.Probability == prediction.Probability)
                together[^1] = last with { Reviewed = last.Reviewed + prediction.Reviewed, Confirmed = last.Confirmed + prediction.Confirmed };
            else together.Add(prediction);
        }
        return CalibrationScores.Of(together);
    }

    private static List<FineStep> Without(ImmutableArray<FineStep> steps, ImmutableArray<FineStep> part)
    {
        var (others, at) = (new List<FineStep>(steps.Length), 0);
        foreach (var (step, counts) in steps)
        {
            var left = at < part.Length && part[at].Step == step ? part[at++].Counts : default;
            others.Add(new FineStep(step, new ReviewCounts(counts.Images, counts.Reviewed - left.Reviewed, counts.Confirmed - left.Confirmed)));
        }
        return others;
    }
}

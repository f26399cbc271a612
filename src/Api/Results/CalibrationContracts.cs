using System.Text.Json.Serialization;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>How well confidences say how often labels are right. Errors are shares, from 0 to 1; 0 is best.</summary>
/// <param name="Bins">Of the diagram, of equal width from 0 to 100, and of about equally many images for the adaptive error.</param>
/// <param name="Folds">Parts of the cross-validation that maps are judged by.</param>
/// <param name="Overall">All classes together.</param>
/// <param name="Classes">Ordered by label.</param>
public sealed record CalibrationResponse(string Job, int Bins, int Folds, ClassCalibrationResponse Overall, IReadOnlyList<ClassCalibrationResponse> Classes)
{
    internal static CalibrationResponse Of(string job, Calibration overall, IReadOnlyList<ClassCalibrationResponse> classes) =>
        new(job, ReliabilityDiagram.Bins, CalibrationSample.Folds, ClassCalibrationResponse.Of(null, overall), classes);
}

/// <summary>The calibration of a class, or of all.</summary>
/// <param name="Label">Absent for all.</param>
/// <param name="Reviewed">Images with a confidence and a verdict; all else is by them.</param>
/// <param name="WithoutConfidence">Reviewed images without a confidence, which are left out.</param>
/// <param name="MeanConfidence">In percent; null when nothing is reviewed.</param>
/// <param name="CorrectPercent">Confirmed of reviewed; null when nothing is reviewed.</param>
/// <param name="Scores">Null when nothing is reviewed.</param>
/// <param name="Diagram">Bins without images are left out.</param>
/// <param name="Isotonic">The one map: each confidence becomes the percentage of the last step at or below it.</param>
/// <param name="Temperature">The other: the logarithm of a confidence's odds is divided by it.</param>
public sealed record ClassCalibrationResponse(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Label, long Reviewed, long WithoutConfidence, double? MeanConfidence, double? CorrectPercent,
    CalibrationScores? Scores, IReadOnlyList<DiagramBinResponse> Diagram, IsotonicMapResponse Isotonic, TemperatureMapResponse Temperature)
{
    internal static ClassCalibrationResponse Of(string? label, Calibration found) => new(
        label, found.Reviewed, found.WithoutConfidence, 100 * found.MeanProbability, found.Reviewed == 0 ? null : 100.0 * found.Confirmed / found.Reviewed, found.Scores,
        [.. found.Diagram.Select(DiagramBinResponse.Of)],
        new IsotonicMapResponse([.. found.Isotonic.Blocks.Select(block => new IsotonicStepResponse(FineHistogram.ConfidenceOf(block.From), 100 * block.Share, block.Reviewed))], found.IsotonicAfter),
        new TemperatureMapResponse(found.Temperature.Temperature, found.TemperatureAfter));
}

/// <param name="From">In percent.</param>
/// <param name="To">Not included, but for the last one.</param>
/// <param name="MeanConfidence">Of its images, in percent.</param>
/// <param name="CorrectPercent">Confirmed of reviewed.</param>
/// <param name="Lower">Lower end of its interval at 95 %, by Wilson, in percent.</param>
/// <param name="Upper">Upper end.</param>
public sealed record DiagramBinResponse(double From, double To, long Reviewed, double MeanConfidence, double CorrectPercent, double Lower, double Upper)
{
    internal static DiagramBinResponse Of(DiagramBin bin)
    {
        var (lower, upper) = BinomialInterval.Wilson(bin.Confirmed, bin.Reviewed, Certainty.DefaultLevel);
        return new DiagramBinResponse(100 * bin.From, 100 * bin.To, bin.Reviewed, 100 * bin.Predicted, 100 * bin.Observed, 100 * lower, 100 * upper);
    }
}

/// <param name="From">The confidence it begins at, in percent; the first one is also for what is below.</param>
public sealed record IsotonicStepResponse(double From, double CorrectPercent, long Reviewed);

/// <param name="Steps">Ascending; none when nothing is reviewed.</param>
/// <param name="After">Scores of images that the map was not fitted to, by cross-validation; null with fewer than ten reviewed.</param>
public sealed record IsotonicMapResponse(IReadOnlyList<IsotonicStepResponse> Steps, CalibrationScores? After);

/// <param name="Temperature">Above 1: confidences are too high. From 0.01 to 100; 1 when nothing is reviewed.</param>
/// <param name="After">As for the isotonic map.</param>
public sealed record TemperatureMapResponse(double Temperature, CalibrationScores? After);

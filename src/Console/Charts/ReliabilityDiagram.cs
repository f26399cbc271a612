namespace BulkQA.Web;

/// <summary>Percent correct by confidence, beside the line that a calibrated model lies on.</summary>
internal static class ReliabilityDiagram
{
    /// <summary>Empty where nothing with a confidence is reviewed.</summary>
    public static Figure Of(IReadOnlyList<DiagramBinModel> bins)
    {
        var figure = new Figure(new FigureAxis("Confidence", " %", 0, 101), new FigureAxis("Correct", " %", 0, 102));
        return bins.Count == 0 ? figure : figure
            .AddLine("calibrated", [new FigurePoint(0.0, 0), new FigurePoint(100.0, 100)], isFaint: true)
            .AddPoints("reviewed", bins.Select(bin => new FigurePoint(
                bin.MeanConfidence, bin.CorrectPercent, bin.Lower, bin.Upper,
                Text: $"confidence {Words.Percent(bin.MeanConfidence)}: {Words.Percent(bin.CorrectPercent)} of {Words.Count(bin.Reviewed)} correct ({Words.Interval(bin.Lower, bin.Upper)})")));
    }
}

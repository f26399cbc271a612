namespace BulkQA.Web;

/// <summary>From which confidence on a class can be trusted. Confidences and percentages are from 0 to 100; <see cref="Shipped"/> is from 0 to 1.</summary>
public sealed record ClassThresholdModel
{
    public string Label { get; init; } = "";
    public double? Threshold { get; init; }
    public string Reason { get; init; } = "";
    public long? Images { get; init; }
    public double? Shipped { get; init; }
    public double? ExpectedIncorrect { get; init; }
    public long? UpperIncorrect { get; init; }
    public IReadOnlyList<ThresholdPointModel> Curve { get; init; } = [];
}

/// <summary>What there is at or above a confidence.</summary>
public sealed record ThresholdPointModel
{
    public double Threshold { get; init; }
    public long Images { get; init; }
    public long Reviewed { get; init; }
    public double? CorrectPercent { get; init; }
    public double LowerPercent { get; init; }
    public double? SmoothedPercent { get; init; }
    public double? Cost { get; init; }
}

public sealed record CalibrationModel
{
    public ClassCalibrationModel Overall { get; init; } = new();
    public IReadOnlyList<ClassCalibrationModel> Classes { get; init; } = [];
}

public sealed record ClassCalibrationModel
{
    public string? Label { get; init; }
    public long Reviewed { get; init; }
    public double? MeanConfidence { get; init; }
    public double? CorrectPercent { get; init; }
    public CalibrationScoresModel? Scores { get; init; }
    public IReadOnlyList<DiagramBinModel> Diagram { get; init; } = [];
}

public sealed record CalibrationScoresModel
{
    public double Ece { get; init; }
    public double Mce { get; init; }
    public double AdaptiveEce { get; init; }
    public double Brier { get; init; }
}

public sealed record DiagramBinModel
{
    public double From { get; init; }
    public double To { get; init; }
    public long Reviewed { get; init; }
    public double MeanConfidence { get; init; }
    public double CorrectPercent { get; init; }
    public double Lower { get; init; }
    public double Upper { get; init; }
}

public sealed record TimelineModel
{
    public string From { get; init; } = "";
    public string To { get; init; } = "";
    public long Undated { get; init; }
    public IReadOnlyList<DayModel> Days { get; init; } = [];
    public IReadOnlyList<ClassTimelineModel> Classes { get; init; } = [];
}

public sealed record ClassTimelineModel
{
    public string Label { get; init; } = "";
    public IReadOnlyList<DayModel> Days { get; init; } = [];
}

public sealed record DayModel
{
    public string Day { get; init; } = "";
    public long Reviewed { get; init; }
    public long Confirmed { get; init; }
    public double? CorrectPercent { get; init; }
    public double? Lower { get; init; }
    public double? Upper { get; init; }
}

public sealed record ComparisonModel
{
    public string A { get; init; } = "";
    public string B { get; init; } = "";
    public double Level { get; init; }
    public IReadOnlyList<ClassComparisonModel> Classes { get; init; } = [];
}

/// <summary>How much more percent of a class are right in b than in a.</summary>
public sealed record ClassComparisonModel
{
    public string Label { get; init; } = "";
    public ComparedImagesModel A { get; init; } = new();
    public ComparedImagesModel B { get; init; } = new();
    public double? Difference { get; init; }
    public double Lower { get; init; }
    public double Upper { get; init; }
    public string Change { get; init; } = "";
}

public sealed record ComparedImagesModel
{
    public long Reviewed { get; init; }
    public double? CorrectPercent { get; init; }
}

/// <summary>What a job's classes have to show, and how far that is decided.</summary>
public sealed record TargetModel
{
    public double MaxIncorrectPerCorrect { get; init; }
    public double Level { get; init; }
    public string Per { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string By { get; init; } = "";
    public int Members { get; init; }
    public int Open { get; init; }
    public int Pass { get; init; }
    public int Fail { get; init; }
    public int Void { get; init; }
    public string? Lapsed { get; init; }
}

public sealed record DecisionModel
{
    public string Label { get; init; } = "";
    public string? Bucket { get; init; }
    public string State { get; init; } = "";
    public long Images { get; init; }
    public long Reviewed { get; init; }
    public long Incorrect { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public string Reason { get; init; } = "";
}

public sealed record AlarmsModel
{
    public int Standing { get; init; }
    public IReadOnlyList<AlarmModel> Items { get; init; } = [];
}

public sealed record AlarmModel
{
    public string Label { get; init; } = "";
    public string State { get; init; } = "";
    public double MinCorrectPercent { get; init; }
    public string RaisedOn { get; init; } = "";
    public string Since { get; init; } = "";
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Which labels images were given for which others.</summary>
public sealed record CorrectionsModel
{
    public long Images { get; init; }
    public int Pairs { get; init; }
    public IReadOnlyList<CorrectionModel> Items { get; init; } = [];
}

public sealed record CorrectionModel
{
    public string Label { get; init; } = "";
    public string RightLabel { get; init; } = "";
    public int Images { get; init; }
}

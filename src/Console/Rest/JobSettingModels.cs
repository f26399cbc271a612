namespace BulkQA.Web;

public sealed record GoldSettingsModel
{
    public int? OneIn { get; init; }
    public int? Seed { get; init; }
}

public sealed record QualificationSettingsModel
{
    public double? PassMark { get; init; }
}

public sealed record ReestimateRequestModel
{
    public int EveryVotes { get; init; }
    public string? Method { get; init; }
}

public sealed record SampleSettingsModel
{
    public int? Images { get; init; }
    public double? Width { get; init; }
    public double? Level { get; init; }
    public bool? All { get; init; }
}

public sealed record AlarmSettingsModel
{
    public double? MinCorrectPercent { get; init; }
    public double? FalseAlarmDays { get; init; }
    public string? Webhook { get; init; }
}

public sealed record PortionSettingsModel
{
    public int? Tasks { get; init; }
    public int? PauseMinutes { get; init; }
}

/// <summary>Whom a job is for, and how much of it one worker gets.</summary>
public sealed record AssignmentSettingsModel
{
    public IReadOnlyList<string>? Teams { get; init; }
    public int? Priority { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public int? MaxTasksPerWorker { get; init; }
    public int? MaxTasksPerDay { get; init; }
    public PortionSettingsModel? Portion { get; init; }
    public int? MinExperience { get; init; }
    public IReadOnlyDictionary<string, int>? Answers { get; init; }
}

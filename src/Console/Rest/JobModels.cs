namespace BulkQA.Web;

/// <summary>A job, as REST tells it: what the console shows of it.</summary>
public sealed record JobModel
{
    public string Name { get; init; } = "";
    public string State { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public int BatchSize { get; init; }
    public int WorkersPerTask { get; init; }
    public int? MaxWorkersPerTask { get; init; }
    public IReadOnlyList<double> BucketEdges { get; init; } = [];
    public string Policy { get; init; } = "";
    public int? Model { get; init; }
    public string ImageBase { get; init; } = "";
    public IReadOnlyList<string> PictureHosts { get; init; } = [];
    public AssignmentSettingsModel? Assignment { get; init; }
    public WorkSettingsModel? Work { get; init; }
    public string Order { get; init; } = "";
    public double? Level { get; init; }
    public string? Scope { get; init; }
    public long Classes { get; init; }
    public long Images { get; init; }
    public long Reviewed { get; init; }
    public long Tasks { get; init; }
    public long TasksDone { get; init; }
    public long TasksHeldBack { get; init; }
    public long TasksSkipped { get; init; }
    public long Votes { get; init; }
    public DateTimeOffset? LastVoteAt { get; init; }
    public long Unseen { get; init; }
    public long Adjudicated { get; init; }
    public int Alarms { get; init; }
    public int? InDoubt { get; init; }
    public IReadOnlyList<string> SetAside { get; init; } = [];
    public LabelingJobModel? LabelingJob { get; init; }
    public double? MinConfidence { get; init; }
    public string LabelTable { get; init; } = "";
    public string Boxes { get; init; } = "";
    public IReadOnlyDictionary<string, string> BoxesByClass { get; init; } = new Dictionary<string, string>();
    public GoldSettingsModel? Gold { get; init; }
    public QualificationSettingsModel? Qualification { get; init; }
    public ReestimateRequestModel? Reestimate { get; init; }
    public SampleSettingsModel? Sample { get; init; }
    public AlarmSettingsModel? Alarm { get; init; }

    /// <summary>Tasks that workers are asked about.</summary>
    public long TasksAsked => Math.Max(0, Tasks - TasksHeldBack - TasksSkipped);
}

public sealed record LabelingJobModel
{
    public string Name { get; init; } = "";
    public string Status { get; init; } = "";
    public long Labeled { get; init; }
    public long Unlabeled { get; init; }
    public long Failed { get; init; }
    public string? FailureReason { get; init; }
    public bool HasEnded { get; init; }
}

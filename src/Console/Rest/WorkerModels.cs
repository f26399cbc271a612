namespace BulkQA.Web;

/// <summary>A share of so many in percent, and between what the true one lies with 95 %.</summary>
public sealed record ShareModel
{
    public long Count { get; init; }
    public long Of { get; init; }
    public double? Percent { get; init; }
    public double Lower { get; init; }
    public double Upper { get; init; }
}

/// <summary>A probability from 0 to 1, and between what it lies with 95 %.</summary>
public sealed record CoinModel
{
    public double Value { get; init; }
    public double Lower { get; init; }
    public double Upper { get; init; }
}

public sealed record GoldModel
{
    public ShareModel FalselyUnticked { get; init; } = new();
    public ShareModel MissedWrong { get; init; } = new();
}

public sealed record WorkerReliabilityModel
{
    public int Model { get; init; }
    public CoinModel ConfirmsRight { get; init; } = new();
    public CoinModel CatchesWrong { get; init; } = new();
    public long Votes { get; init; }
}

public sealed record WorkerFlagModel
{
    public string Kind { get; init; } = "";
    public string Reason { get; init; } = "";
}

public sealed record WorkerQualificationModel
{
    public string State { get; init; } = "";
    public int Hits { get; init; }
    public int Images { get; init; }
    public string? Decision { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
}

public sealed record WorkerDecisionModel
{
    public int Number { get; init; }
    public string? State { get; init; }
    public string? Qualification { get; init; }
    public string? Reason { get; init; }
    public string By { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

public sealed record SetAsideModel
{
    public string WorkerId { get; init; } = "";
    public string Reason { get; init; } = "";
    public string By { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>Somebody who answered in a job.</summary>
public sealed record WorkerModel
{
    public string WorkerId { get; init; } = "";
    public IReadOnlyList<string> LookAlikes { get; init; } = [];
    public string State { get; init; } = "";
    public SetAsideModel? SetAside { get; init; }
    public long Batches { get; init; }
    public long Images { get; init; }
    public long Votes { get; init; }
    public long CantTell { get; init; }
    public long NotSeen { get; init; }
    public ShareModel Unticked { get; init; } = new();
    public ShareModel Agreement { get; init; } = new();
    public ShareModel MissedWrong { get; init; } = new();
    public ShareModel FalselyUnticked { get; init; } = new();
    public GoldModel? Gold { get; init; }
    public long Repeats { get; init; }
    public ShareModel Contradictions { get; init; } = new();
    public double? SecondsPerBatch { get; init; }
    public DateTimeOffset? FirstAt { get; init; }
    public DateTimeOffset? LastAt { get; init; }
    public WorkerReliabilityModel? Reliability { get; init; }
    public IReadOnlyList<WorkerFlagModel> Flags { get; init; } = [];
    public WorkerQualificationModel? Qualification { get; init; }
    public IReadOnlyList<WorkerDecisionModel> Decisions { get; init; } = [];

    public bool IsSetAside => State == "setAside";

    /// <summary>The number of the last decision about it; 0 for none.</summary>
    public int LastDecision => Decisions.Count == 0 ? 0 : Decisions.Max(decision => decision.Number);
}

public sealed record WorkersModel
{
    public IReadOnlyList<WorkerModel> Items { get; init; } = [];
    public string? NextCursor { get; init; }
    public bool Complete { get; init; }
}

/// <summary>Somebody who has asked for a batch lately.</summary>
public sealed record WorkingModel
{
    public string WorkerId { get; init; } = "";
    public string? Name { get; init; }
    public DateTimeOffset LastAt { get; init; }
    public int Answered { get; init; }
}

/// <summary>Krippendorff's alpha; null where it is not defined.</summary>
public sealed record AgreementModel
{
    public double? Alpha { get; init; }
    public long Images { get; init; }
    public long Votes { get; init; }
}

public sealed record ClassAgreementModel
{
    public string Label { get; init; } = "";
    public double? Alpha { get; init; }
    public long Images { get; init; }
    public long Votes { get; init; }
}

public sealed record DayAgreementModel
{
    public DateOnly Day { get; init; }
    public double? Alpha { get; init; }
    public long Images { get; init; }
    public long Votes { get; init; }
}

public sealed record JobAgreementModel
{
    public AgreementModel Total { get; init; } = new();
    public IReadOnlyList<ClassAgreementModel> Classes { get; init; } = [];
    public IReadOnlyList<DayAgreementModel> Days { get; init; } = [];
}

public sealed record StartTallyModel
{
    public long Votes { get; init; }
    public long Disconfirms { get; init; }
}

/// <summary>In percentage points.</summary>
public sealed record StartDifferenceModel
{
    public double Value { get; init; }
    public double Lower { get; init; }
    public double Upper { get; init; }
}

public sealed record BoxesComparisonModel
{
    public StartTallyModel Ticked { get; init; } = new();
    public StartTallyModel Unticked { get; init; } = new();
    public StartDifferenceModel? Difference { get; init; }
}

public sealed record ClassBoxesComparisonModel
{
    public string Label { get; init; } = "";
    public BoxesComparisonModel Boxes { get; init; } = new();
}

public sealed record WorkerBoxesComparisonModel
{
    public string WorkerId { get; init; } = "";
    public BoxesComparisonModel Boxes { get; init; } = new();
}

public sealed record BoxesReportModel
{
    public BoxesComparisonModel Total { get; init; } = new();
    public IReadOnlyList<ClassBoxesComparisonModel> Classes { get; init; } = [];
    public IReadOnlyList<WorkerBoxesComparisonModel> Workers { get; init; } = [];
}

public sealed record HeldOutModel
{
    public string Best { get; init; } = "";
    public string Reason { get; init; } = "";
}

/// <summary>What a reliability model says of a worker.</summary>
public sealed record ModelWorkerModel
{
    public string WorkerId { get; init; } = "";
    public long Votes { get; init; }
    public CoinModel ConfirmsRight { get; init; } = new();
    public CoinModel CatchesWrong { get; init; } = new();
    public double Informedness { get; init; }
}

/// <summary>A reliability model of a job.</summary>
public sealed record ReliabilityModel
{
    public int Model { get; init; }
    public string Method { get; init; } = "";
    public string State { get; init; } = "";
    public bool Adopted { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public double? Prior { get; init; }
    public bool? Converged { get; init; }
    public bool? LabelsSwitched { get; init; }
    public long? Votes { get; init; }
    public HeldOutModel? HeldOut { get; init; }
    public string? HeldOutMissing { get; init; }
    public string? Problem { get; init; }
    public bool ByItself { get; init; }
    public IReadOnlyList<ModelWorkerModel>? Workers { get; init; }

    /// <summary>Whether the job may go by it.</summary>
    public bool IsFit => State == "done" && LabelsSwitched is not true;
}

public sealed record ModelsModel
{
    public IReadOnlyList<ReliabilityModel> Items { get; init; } = [];
}

namespace BulkQA.Web;

/// <summary>An image of a job, with its votes. The posterior is from 0 to 1.</summary>
public sealed record ImageModel
{
    public string ImageUrl { get; init; } = "";
    public string Label { get; init; } = "";
    public double? Confidence { get; init; }
    public int Confirms { get; init; }
    public int Disconfirms { get; init; }
    public string Verdict { get; init; } = "";
    public int NotSeen { get; init; }
    public int CantTell { get; init; }
    public string Final { get; init; } = "";
    public AdjudicationModel? Adjudication { get; init; }
    public double? Posterior { get; init; }
    public string? ModelVersion { get; init; }
    public IReadOnlyList<VoteModel> Votes { get; init; } = [];
    public string? Gold { get; init; }

    /// <summary>What tells it from others of its job.</summary>
    public ImageKey Key => new(ImageUrl, Label);
}

/// <summary>An image within a job.</summary>
public readonly record struct ImageKey(string Url, string Label);

public sealed record AdjudicationModel
{
    public string Verdict { get; init; } = "";
    public string? RightLabel { get; init; }
    public string? Note { get; init; }
    public string By { get; init; } = "";
    public DateTimeOffset? At { get; init; }
}

/// <summary>An image and all that was ever said of it.</summary>
public sealed record ImageHistoryModel
{
    public ImageModel Image { get; init; } = new();
    public IReadOnlyList<GivenAnswerModel> Answers { get; init; } = [];
    public IReadOnlyList<AdjudicationEntryModel> Adjudications { get; init; } = [];
    public IReadOnlyList<SetAsideModel> SetAside { get; init; } = [];
}

public sealed record GivenAnswerModel
{
    public string WorkerId { get; init; } = "";
    public string Answer { get; init; } = "";
    public DateTimeOffset? At { get; init; }
    public string Source { get; init; } = "";
    public bool Stands { get; init; }
}

public sealed record AdjudicationEntryModel
{
    public string? Verdict { get; init; }
    public string? RightLabel { get; init; }
    public string? Note { get; init; }
    public string By { get; init; } = "";
    public DateTimeOffset? At { get; init; }
}

public sealed record VoteModel
{
    public string WorkerId { get; init; } = "";
    public bool Confirmed { get; init; }
    public DateTimeOffset? SubmittedAt { get; init; }
    public bool SetAside { get; init; }
}

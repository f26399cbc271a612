namespace BulkQA.Web;

/// <summary>What became of a corpus, or would.</summary>
public sealed record ImportSummaryModel
{
    public long Accepted { get; init; }
    public long Duplicates { get; init; }
    public long BelowMinConfidence { get; init; }
    public long RejectedCount { get; init; }
    public IReadOnlyList<RejectedLineModel> Rejected { get; init; } = [];
    public IReadOnlyList<ImportWarningModel> Warnings { get; init; } = [];
    public CorpusReadModel Read { get; init; } = new();
    public IReadOnlyList<PreviewItemModel> Preview { get; init; } = [];
    public long Gold { get; init; }
}

public sealed record RejectedLineModel
{
    public long Line { get; init; }
    public string Reason { get; init; } = "";
}

public sealed record ImportWarningModel
{
    public string Kind { get; init; } = "";
    public string Detail { get; init; } = "";
    public IReadOnlyList<long> Lines { get; init; } = [];
}

public sealed record PreviewItemModel
{
    public long Line { get; init; }
    public string ImageUrl { get; init; } = "";
    public string Label { get; init; } = "";
    public double? Confidence { get; init; }
    public string? Gold { get; init; }
    public string? ModelVersion { get; init; }
}

public sealed record CorpusReadModel
{
    public string Format { get; init; } = "";
    public string? Delimiter { get; init; }
    public bool? Header { get; init; }
    public CorpusColumnsModel Columns { get; init; } = new();
    public string? Scale { get; init; }
    public string? Encoding { get; init; }
}

public sealed record CorpusColumnsModel
{
    public string? Image { get; init; }
    public string? Label { get; init; }
    public string? Confidence { get; init; }
    public string? Gold { get; init; }
    public string? ModelVersion { get; init; }
}

/// <summary>What became of an upload of pictures.</summary>
public sealed record PictureSummaryModel
{
    public long Accepted { get; init; }
    public long Unchanged { get; init; }
    public long Ignored { get; init; }
    public long RejectedCount { get; init; }
    public IReadOnlyList<RejectedPictureModel> Rejected { get; init; } = [];
}

public sealed record RejectedPictureModel
{
    public string Name { get; init; } = "";
    public string Reason { get; init; } = "";
}


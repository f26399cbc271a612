namespace BulkQA.Web;

/// <summary>The class table of a job. Percentages are from 0 to 100; null where nothing was reviewed.</summary>
public sealed record ClassTableModel
{
    public string Job { get; init; } = "";
    public IReadOnlyList<BucketModel> Buckets { get; init; } = [];
    public IReadOnlyList<ClassRowModel> Classes { get; init; } = [];
    public ClassRowModel Totals { get; init; } = new();
    public ClassAverageModel? ClassAverage { get; init; }
    public string? NextCursor { get; init; }
    public double? Level { get; init; }
    public string? Scope { get; init; }
    public string? Condition { get; init; }
}

/// <summary>A range of confidence: from, included, to, excluded but for the last; or of another kind, with neither.</summary>
public record BucketModel
{
    public double? From { get; init; }
    public double? To { get; init; }
    public string? Kind { get; init; }
}

public sealed record BucketCellModel : BucketModel
{
    public long Total { get; init; }
    public long Reviewed { get; init; }
    public long Incorrect { get; init; }
    public double? CorrectPercent { get; init; }
    public double? Lower { get; init; }
    public double? Upper { get; init; }
}

public sealed record ClassRowModel
{
    public string? Label { get; init; }
    public long Total { get; init; }
    public long Reviewed { get; init; }
    public long Confirmed { get; init; }
    public long Disconfirmed { get; init; }
    public long Split { get; init; }
    public double? CorrectPercent { get; init; }
    public double? Lower { get; init; }
    public double? Upper { get; init; }
    public string? SmallSample { get; init; }
    public IReadOnlyList<BucketCellModel> Buckets { get; init; } = [];

    /// <summary>Whether all numbers are the same.</summary>
    public bool IsSameAs(ClassRowModel other) => (this with { Buckets = [] }) == (other with { Buckets = [] }) && Buckets.SequenceEqual(other.Buckets);
}

public sealed record ClassAverageModel
{
    public double? CorrectPercent { get; init; }
    public double? Lower { get; init; }
    public double? Upper { get; init; }
    public IReadOnlyList<BucketAverageModel> Buckets { get; init; } = [];
}

public sealed record BucketAverageModel : BucketModel
{
    public double? CorrectPercent { get; init; }
    public double? Lower { get; init; }
    public double? Upper { get; init; }
}

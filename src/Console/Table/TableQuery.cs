namespace BulkQA.Web;

/// <summary>Which numbers a class table shows, and in which order; all of it is in the page's address.</summary>
/// <param name="Basis">What an image counts as: by its votes, or finally, by an adjudication where there is one.</param>
/// <param name="Level">Of the intervals; null for none.</param>
/// <param name="Scope">What intervals are about.</param>
/// <param name="ModelVersion">The only one that counts; null for all.</param>
/// <param name="Text">What labels contain; null for all.</param>
/// <param name="Sort">The column that rows are ordered by; null for the label.</param>
/// <param name="IsDescending">Whether the largest come first.</param>
public sealed record TableQuery(string? Basis, string? Level, string? Scope, string? ModelVersion, string? Text, string? Sort, bool IsDescending)
{
    /// <summary>Of intervals, where the address says nothing.</summary>
    public const string DefaultLevel = "0.95";

    /// <summary>What the address says where there are to be no intervals.</summary>
    public const string NoLevel = "none";

    public const string ByTotal = "total";
    public const string ByReviewed = "reviewed";
    public const string ByPercent = "percent";

    public bool HasLevel => !string.IsNullOrEmpty(Level) && Level != NoLevel;

    /// <summary>Where REST gives the table.</summary>
    /// <param name="job">The job.</param>
    /// <param name="format">Another than JSON.</param>
    public string RestOf(string job, string? format = null) =>
        Links.Rest(job, "classes", ("basis", Basis), ("level", HasLevel ? Level : null), ("scope", HasLevel ? Scope : null), ("modelVersion", ModelVersion), ("format", format));

    public string PageOf(string job) =>
        Links.Job(job, ("basis", Basis), ("level", Level), ("scope", Scope), ("modelVersion", ModelVersion), ("text", Text), ("sort", Sort), ("descending", IsDescending ? "true" : null));

    /// <summary>Orders by a column, or turns the order round where it is by that column already.</summary>
    public TableQuery SortedBy(string? column) => this with { Sort = column, IsDescending = Sort == column && !IsDescending };

    /// <summary>What <c>aria-sort</c> says of a column.</summary>
    public string? OrderOf(string? column) => Sort != column ? null : IsDescending ? "descending" : "ascending";

    /// <summary>The rows to show, in their order. Those without what is ordered by come last, whichever way.</summary>
    public IReadOnlyList<ClassRowModel> Apply(IEnumerable<ClassRowModel> rows)
    {
        var shown = string.IsNullOrWhiteSpace(Text) ? rows : rows.Where(row => row.Label!.Contains(Text.Trim(), StringComparison.OrdinalIgnoreCase));
        if (Sort is null) return [.. IsDescending ? shown.OrderByDescending(row => row.Label, StringComparer.Ordinal) : shown.OrderBy(row => row.Label, StringComparer.Ordinal)];
        var missing = shown.OrderBy(row => KeyOf(row) is null);
        return [.. (IsDescending ? missing.ThenByDescending(KeyOf) : missing.ThenBy(KeyOf)).ThenBy(row => row.Label, StringComparer.Ordinal)];
    }

    private double? KeyOf(ClassRowModel row) => Sort switch
    {
        ByTotal => row.Total,
        ByReviewed => row.Reviewed,
        ByPercent => row.CorrectPercent,
        _ => row.Buckets.FirstOrDefault(bucket => Words.BucketName(bucket) == Sort)?.CorrectPercent,
    };
}

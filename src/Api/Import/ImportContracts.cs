using System.Text.Json.Serialization;
using BulkQA.Corpora;

namespace BulkQA.Api;

/// <summary>What became of a corpus, record by record. Of a dry run: what would become of its first 1,000 records, duplicates not told apart.</summary>
/// <param name="Duplicates">Records whose image was there with the same confidence, in whatever precision.</param>
/// <param name="Rejected">The first 1,000 of them.</param>
/// <param name="Warnings">What was taken, and is perhaps not what was meant.</param>
/// <param name="Read">How the corpus was read.</param>
/// <param name="Gold">How many of those accepted are gold; absent for none.</param>
/// <param name="Preview">Of a dry run: the first ten items as they would be stored; absent otherwise.</param>
public sealed record ImportSummary(
    long Accepted, long Duplicates, long BelowMinConfidence, long RejectedCount, IReadOnlyList<RejectedLine> Rejected,
    IReadOnlyList<ImportWarning> Warnings, CorpusRead Read,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PreviewItem>? Preview = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Gold = 0)
{
    public const int MaxListed = 1_000;

    /// <summary>Records that a dry run reads.</summary>
    public const int DryRunRecords = 1_000;

    public const int MaxPreview = 10;
}

/// <param name="Line">The line it begins on, from 1; its place among the records where the format has no lines.</param>
public sealed record RejectedLine(long Line, string Reason);

/// <param name="Confidence">In percent; null where the corpus gives none.</param>
/// <param name="Gold"><c>right</c> or <c>wrong</c>; absent where the label is to be judged.</param>
/// <param name="ModelVersion">Absent where the corpus says none.</param>
public sealed record PreviewItem(
    long Line, string ImageUrl, string Label, double? Confidence, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ModelVersion = null);

/// <summary>How a corpus was read: what was said of it, and what was found.</summary>
/// <param name="Format">As in <c>?format=</c>.</param>
/// <param name="Delimiter">Between the fields of a line; null where the format has none.</param>
/// <param name="Header">Whether the first line was taken for the names of columns; null where the format has no columns.</param>
/// <param name="Scale"><c>percent</c> or <c>fraction</c>; null where there is no confidence.</param>
/// <param name="Encoding">Null for formats that are no text.</param>
public sealed record CorpusRead(string Format, string? Delimiter, bool? Header, CorpusColumns Columns, string? Scale, string? Encoding)
{
    public static CorpusRead Of(ICorpusFormat format, CorpusReading reading) => new(
        format.Name, reading.Delimiter?.ToString(), reading.Header, new CorpusColumns(reading.Image, reading.Label, reading.Confidence, reading.Gold, reading.Version),
        reading.Scale switch { ConfidenceScale.Percent => "percent", ConfidenceScale.Fraction => "fraction", _ => null }, reading.Encoding);
}

/// <summary>Names of columns or attributes, or positions from 1; null where nothing was taken for it, or the format leaves no choice.</summary>
public sealed record CorpusColumns(
    string? Image, string? Label, string? Confidence, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ModelVersion = null);

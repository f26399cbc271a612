using System.Text;

namespace BulkQA.Corpora.Tests;

/// <summary>Reads corpora as the importer does.</summary>
internal static class Corpus
{
    public const string Base = "s3://bulkqa/images/";

    public static IAsyncEnumerable<CorpusLine> Lines(Stream stream, string format, CorpusOptions? options = null, string @base = Base) =>
        CorpusReader.ReadAsync(stream, CorpusFormats.Find(format, null)!, new CorpusReading(options ?? new CorpusOptions(), new ImageBase(@base)), TestContext.Current.CancellationToken);

    /// <summary>All of it, and how it was read.</summary>
    public static async Task<(List<CorpusLine> Lines, CorpusReading Reading)> ReadAsync(byte[] body, string format, CorpusOptions? options = null, bool holdsPercents = false)
    {
        var reading = new CorpusReading(options ?? new CorpusOptions(), new ImageBase(Base)) { HoldsPercents = () => ValueTask.FromResult(holdsPercents) };
        using var stream = new MemoryStream(body);
        var lines = await CorpusReader.ReadAsync(stream, CorpusFormats.Find(format, null)!, reading, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        return (lines, reading);
    }

    public static Task<(List<CorpusLine> Lines, CorpusReading Reading)> ReadAsync(string body, string format, CorpusOptions? options = null, bool holdsPercents = false) =>
        ReadAsync(Encoding.UTF8.GetBytes(body), format, options, holdsPercents);

    /// <summary>An item as image (below the base where it is), label and percent; or what is wrong.</summary>
    public static string Show(CorpusLine line) => line.Item is { } item
        ? FormattableString.Invariant($"{(item.Url.Value.StartsWith(Base, StringComparison.Ordinal) ? item.Url.Value[Base.Length..] : item.Url.Value)} {item.Label} {item.Confidence?.ToString() ?? "-"}")
        : $"{line.Number}: {line.Problem}";

    public static IEnumerable<string> Show(IEnumerable<CorpusLine> lines) => lines.Select(Show);
}

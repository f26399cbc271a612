using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>One record of a stream of JSON Lines: a document for the reader to dispose, or why it is none.</summary>
public readonly record struct JsonRecord(JsonDocument? Document, string? Problem);

/// <summary>Reads JSON Lines in bounded memory; a bad line doesn't stop the rest. Blank lines are skipped.</summary>
public static class JsonLines
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = 16 };

    /// <exception cref="BadInputException">The stream is UTF-16.</exception>
    public static async IAsyncEnumerable<JsonRecord> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var records = new RecordReader(stream);
        while (await records.ReadAsync(cancellation))
        {
            if (records.Problem is not null) yield return new JsonRecord(null, records.Problem);
            else if (records.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t', (byte)'\r')) yield return Parse(records.Record);
        }
    }

    private static JsonRecord Parse(ReadOnlyMemory<byte> record)
    {
        try
        {
            // The document reads its bytes lazily, and the reader's buffer moves on: it gets a copy.
            return new JsonRecord(JsonDocument.Parse(Utf8.Strict.GetString(record.Span), _options), null);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return new JsonRecord(null, $"the line is not valid JSON: {e.Message}");
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// Reads a JSON array element by element in bounded memory. An element that is too long (<see cref="MaxElementBytes"/>) or
/// too deep doesn't stop the rest; where the array itself is broken, nothing behind can be trusted.
/// </summary>
public static class JsonArrays
{
    public const int MaxElementBytes = RecordReader.MaxRecordBytes;

    internal const int MaxDepth = 16;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = MaxDepth };

    /// <exception cref="BadInputException">The stream is no JSON array, or ends before the array does.</exception>
    public static async IAsyncEnumerable<JsonRecord> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var elements = new JsonArrayReader(stream);
        while (await elements.ReadAsync(cancellation))
            yield return elements.Problem is { } problem ? new JsonRecord(null, problem) : Parse(elements);
    }

    private static JsonRecord Parse(JsonArrayReader elements)
    {
        try
        {
            // The document reads its bytes lazily, and the reader's buffer moves on: it gets a copy.
            return new JsonRecord(JsonDocument.Parse(Utf8.Strict.GetString(elements.Element.Span), _options), null);
        }
        catch (DecoderFallbackException e)
        {
            return new JsonRecord(null, $"the element is not valid UTF-8: {e.Message}");
        }
        catch (JsonException e)
        {
            throw elements.Broken($"is not valid JSON: {e.Message}");
        }
    }
}

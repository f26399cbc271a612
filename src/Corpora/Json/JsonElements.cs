using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>One element of an array.</summary>
/// <param name="Section">The property whose array it is of; null where the body is the array.</param>
/// <param name="Position">In its array, from 1.</param>
/// <param name="Element">Valid until the next is read; undefined where there is a problem.</param>
/// <param name="Problem">Why it can't be used, or null.</param>
internal readonly record struct SectionElement(string? Section, long Position, JsonElement Element, string? Problem);

/// <summary>Reads the elements of a JSON array, or of the arrays of a JSON object, in bounded memory.</summary>
internal static class JsonElements
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonArrays.MaxDepth };

    /// <exception cref="BadInputException">The stream is neither, or ends before they do.</exception>
    public static async IAsyncEnumerable<SectionElement> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var elements = new JsonArrayReader(body, sections: true);
        while (await elements.ReadAsync(cancellation))
        {
            if (elements.Problem is { } problem)
            {
                yield return new SectionElement(elements.Section, elements.Position, default, problem);
                continue;
            }
            using var document = Parse(elements);
            yield return new SectionElement(elements.Section, elements.Position, document?.RootElement ?? default, document is null ? "the element is not valid UTF-8" : null);
        }
    }

    /// <returns>Null where it is no UTF-8.</returns>
    private static JsonDocument? Parse(JsonArrayReader elements)
    {
        try
        {
            // The document reads its bytes lazily, and the reader's buffer moves on: it gets a copy.
            return JsonDocument.Parse(Utf8.Strict.GetString(elements.Element.Span), _options);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw elements.Broken($"is not valid JSON: {e.Message}");
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>Formats with a JSON object a line, of each of which any number of records is made.</summary>
internal abstract class JsonLineFormat : ICorpusFormat
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonArrays.MaxDepth };

    public abstract string Name { get; }

    public IReadOnlyList<string> MediaTypes => [];

    public bool IsText => true;

    public abstract ConfidenceScale? Scale { get; }

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var lines = new RecordReader(body);
        while (await lines.ReadAsync(cancellation))
        {
            if (lines.Problem is { } problem)
            {
                yield return CorpusRecord.Bad(lines.Line, problem);
                continue;
            }
            if (!lines.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t')) continue;
            foreach (var record in Read(lines.Record, lines.Line, reading)) yield return record;
        }
    }

    /// <summary>The records of one object.</summary>
    /// <exception cref="BadInputException">It is among the first, and leaves open how to read the others.</exception>
    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    protected abstract IEnumerable<CorpusRecord> Read(JsonElement line, long number, CorpusReading reading);

    private List<CorpusRecord> Read(ReadOnlyMemory<byte> line, long number, CorpusReading reading)
    {
        try
        {
            using var document = JsonDocument.Parse(Utf8.Strict.GetString(line.Span), _options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? [.. Read(document.RootElement, number, reading)]
                : [CorpusRecord.Bad(number, "the line is not a JSON object")];
        }
        catch (JsonException e)
        {
            return [CorpusRecord.Bad(number, $"the line is not valid JSON: {e.Message}")];
        }
        catch (InvalidOperationException)
        {
            return [CorpusRecord.Bad(number, "a text of the line is not valid Unicode")];
        }
        catch (DecoderFallbackException)
        {
            return [CorpusRecord.Bad(number, "the line is not valid UTF-8; name its encoding by ?encoding=, or send it as UTF-8")];
        }
    }
}

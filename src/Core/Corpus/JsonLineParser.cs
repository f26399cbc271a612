using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// NDJSON lines: an object with <c>s3_image_url</c> or <c>image_local_path</c> (a path, or a URL too), <c>label</c> and <c>confidence</c>
/// (a number, or a string that holds one), and perhaps the counts of another system's table. Other properties are ignored; of a repeated one the last counts.
/// </summary>
internal sealed class JsonLineParser(ImageBase imageBase) : ICorpusLineParser
{
    private static readonly JsonReaderOptions _options = new() { MaxDepth = 16 };

    public string NothingToImport => CorpusFields.EmptyBody;

    public void Skip(long line, string problem)
    {
        // Each line stands for itself.
    }

    public CorpusItem? Parse(ReadOnlySpan<byte> record, long line, out string? problem)
    {
        string? url = null, path = null, label = null, confidence = null, confirms = null, disconfirms = null;
        try
        {
            var reader = new Utf8JsonReader(record, _options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                problem = "the line is not a JSON object";
                return null;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(CorpusFields.Url)) url = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusFields.LocalPath)) path = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusFields.Label)) label = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusFields.Confidence)) confidence = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusFields.Confirms)) confirms = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusFields.Disconfirms)) disconfirms = Text(ref reader);
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            // Reads past the object: anything but white space there throws.
            while (reader.Read()) { }
        }
        catch (JsonException e)
        {
            problem = $"the line is not valid JSON: {e.Message}";
            return null;
        }
        catch (InvalidOperationException)
        {
            problem = "a text of the line is not valid Unicode";
            return null;
        }
        if (!string.IsNullOrEmpty(path))
        {
            if (!imageBase.TryResolve(path, out var resolved, out problem)) return null;
            if (!string.IsNullOrEmpty(url) && url != resolved)
            {
                problem = $"{CorpusFields.Url} and {CorpusFields.LocalPath} name different images";
                return null;
            }
            url = resolved;
        }
        return CorpusFields.Item(url, label, confidence, confirms, disconfirms, out problem);
    }

    /// <summary>A string's or number's text; null for anything else.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        if (reader.TokenType == JsonTokenType.Number) return Utf8.Strict.GetString(reader.ValueSpan);
        reader.Skip();
        return null;
    }
}

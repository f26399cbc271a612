using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// NDJSON: an object a line, with the image (a path, or a URL), the label and the confidence (a number, or a string that holds one) under one
/// of their usual names, or where the caller says: <c>label</c>, or a path as <c>Classes[0].Name</c>. Perhaps the counts of another system's
/// table. Other properties are ignored; of a repeated one the last counts.
/// </summary>
internal sealed class NdJsonFormat : ICorpusFormat
{
    private static readonly JsonReaderOptions _options = new() { MaxDepth = 16 };

    public string Name => "ndjson";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];

    public bool IsText => true;

    public ConfidenceScale? Scale => null;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var records = new RecordReader(body);
        var lines = new Lines(reading);
        while (await records.ReadAsync(cancellation))
        {
            if (records.Problem is { } problem) yield return CorpusRecord.Bad(records.Line, problem);
            else if (records.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t')) yield return lines.Read(records.Record, records.Line);
        }
    }

    private sealed class Lines(CorpusReading reading)
    {
        private readonly JsonPath? _image = JsonPath.Of(reading.Options.Image);
        private readonly JsonPath? _label = JsonPath.Of(reading.Options.Label);
        private readonly JsonPath? _confidence = JsonPath.Of(reading.Options.Confidence);
        private bool _toldAll;

        public CorpusRecord Read(ReadOnlyMemory<byte> line, long number)
        {
            var found = new Found();
            try
            {
                Walk(line.Span, ref found);
                if (!found.IsObject) return CorpusRecord.Bad(number, "the line is not a JSON object");
                if ((_image ?? _label ?? _confidence) is not null) TakeSaid(line, ref found);
            }
            catch (JsonException e)
            {
                return CorpusRecord.Bad(number, $"the line is not valid JSON: {e.Message}");
            }
            catch (InvalidOperationException)
            {
                return CorpusRecord.Bad(number, "a text of the line is not valid Unicode");
            }
            catch (DecoderFallbackException)
            {
                return CorpusRecord.Bad(number, "the line is not valid UTF-8; name its encoding by ?encoding=, or send it as UTF-8");
            }
            // A name that is misspelt must not leave a whole corpus without confidences.
            if (_confidence is not null && found.Confidence.Name is null) return CorpusRecord.Bad(number, $"there is no '{Core.Text.Excerpt(_confidence.Text)}', which was named for the confidence");
            if (found.Contradiction(reading.ImageBase) is { } contradiction) return CorpusRecord.Bad(number, contradiction);
            if (!_toldAll) Tell(found);
            return new CorpusRecord(number, found.Image.Text, found.Label.Text, found.Confidence.Text, found.Confirms, found.Disconfirms);
        }

        /// <summary>The names that were first found.</summary>
        private void Tell(Found found)
        {
            reading.Image ??= found.Image.Name;
            reading.Label ??= found.Label.Name;
            reading.Confidence ??= found.Confidence.Name;
            _toldAll = reading.Image is not null && reading.Label is not null && reading.Confidence is not null;
        }

        private static void Walk(ReadOnlySpan<byte> line, ref Found found)
        {
            var reader = new Utf8JsonReader(line, _options);
            found.IsObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            if (!found.IsObject) return;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(FieldNames.Url)) found.Url = Text(ref reader);
                else if (reader.ValueTextEquals(FieldNames.LocalPath)) found.Path = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusRecord.ConfirmsField)) found.Confirms = Text(ref reader);
                else if (reader.ValueTextEquals(CorpusRecord.DisconfirmsField)) found.Disconfirms = Text(ref reader);
                else TakeUsual(ref reader, ref found);
            }
            // Reads past the object: anything but white space there throws.
            while (reader.Read()) { }
            if (!string.IsNullOrEmpty(found.Path)) found.Image = (found.Path, FieldNames.LocalPath, -1);
            else if (!string.IsNullOrEmpty(found.Url)) found.Image = (found.Url, FieldNames.Url, -1);
        }

        private static void TakeUsual(ref Utf8JsonReader reader, ref Found found)
        {
            // None of the usual names is longer, and few properties need be made strings.
            var name = reader.ValueSpan.Length <= 16 ? reader.GetString()! : "";
            if (!Take(FieldNames.Label, ref found.Label, ref reader, name) && !Take(FieldNames.Confidence, ref found.Confidence, ref reader, name)
                && !Take(FieldNames.Image, ref found.Image, ref reader, name))
            {
                reader.Read();
                reader.Skip();
            }
        }

        /// <summary>Takes a property of one of the names, unless one that comes earlier among them is there.</summary>
        private static bool Take(IReadOnlyList<string> names, ref (string? Text, string? Name, int Rank) field, ref Utf8JsonReader reader, string name)
        {
            var rank = 0;
            while (rank < names.Count && !FieldNames.Is(name, names[rank])) rank++;
            if (rank == names.Count) return false;
            var text = ReferenceEquals(names, FieldNames.Confidence) ? TextOfNumber(ref reader) : Text(ref reader);
            if (field.Name is null || rank <= field.Rank) field = (text, name, rank);
            return true;
        }

        private void TakeSaid(ReadOnlyMemory<byte> line, ref Found found)
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = _options.MaxDepth });
            if (_image is not null) (found.Image, found.Url, found.Path) = (Field(_image), null, null);
            if (_label is not null) found.Label = Field(_label);
            if (_confidence is not null) found.Confidence = _confidence.At(document.RootElement) is { } value ? (TextOfNumber(value), _confidence.Text, -1) : default;

            (string?, string?, int) Field(JsonPath path) => path.At(document.RootElement) is { } at ? (JsonPath.TextOf(at), path.Text, -1) : default;
        }

        /// <summary>What is no number is shown to whoever reads why, instead of being taken for none.</summary>
        private static string? TextOfNumber(ref Utf8JsonReader reader)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return TextOfNumber(document.RootElement);
        }

        private static string? TextOfNumber(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : JsonPath.TextOf(value) ?? value.ValueKind switch
        {
            JsonValueKind.Array => "[…]",
            JsonValueKind.Object => "{…}",
            _ => value.GetRawText(),
        };

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

    private struct Found
    {
        public (string? Text, string? Name, int Rank) Image;
        public (string? Text, string? Name, int Rank) Label;
        public (string? Text, string? Name, int Rank) Confidence;

        public bool IsObject { get; set; }

        public string? Url { get; set; }

        public string? Path { get; set; }

        public string? Confirms { get; set; }

        public string? Disconfirms { get; set; }

        /// <summary>What is wrong where both names of the published tables are there.</summary>
        public readonly string? Contradiction(ImageBase imageBase) =>
            string.IsNullOrEmpty(Url) || string.IsNullOrEmpty(Path) ? null
            : !imageBase.TryResolve(Path, out var resolved, out var problem) ? problem
            : S3Address.Normalize(Url) != S3Address.Normalize(resolved) ? $"{FieldNames.Url} and {FieldNames.LocalPath} name different images"
            : null;
    }
}

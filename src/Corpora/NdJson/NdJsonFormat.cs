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

    public bool HasGold => true;

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
        private readonly SaidField? _image = SaidField.Of(reading.Options.Image, value => JsonPath.TextOf(value));
        private readonly SaidField? _label = SaidField.Of(reading.Options.Label, value => JsonPath.TextOf(value));
        private readonly SaidField? _confidence = SaidField.Of(reading.Options.Confidence, TextOfNumber);
        private readonly SaidField? _gold = SaidField.Of(reading.Options.Gold, TextOfNumber);
        private readonly SaidField? _version = SaidField.Of(reading.Options.VersionColumn, TextOfNumber);
        private bool _toldAll;

        public CorpusRecord Read(ReadOnlyMemory<byte> line, long number)
        {
            var found = new Found();
            try
            {
                Walk(line.Span, ref found);
                if (!found.IsObject) return CorpusRecord.Bad(number, "the line is not a JSON object");
                TakeSaid(ref found);
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
            if (_confidence is not null && found.Confidence.Name is null) return CorpusRecord.Bad(number, $"there is no '{Core.Text.Excerpt(_confidence.Name)}', which was named for the confidence");
            if (found.Contradiction(reading.ImageBase) is { } contradiction) return CorpusRecord.Bad(number, contradiction);
            reading.Gold ??= found.Gold.Name;
            if (reading.Options.Version is null) reading.Version ??= found.Version.Name;
            if (!_toldAll) Tell(found);
            return new CorpusRecord(number, found.Image.Text, found.Label.Text, found.Confidence.Text, found.Confirms, found.Disconfirms, Gold: found.Gold.Text, Version: found.Version.Text);
        }

        /// <summary>The names that were first found.</summary>
        private void Tell(Found found)
        {
            reading.Image ??= found.Image.Name;
            reading.Label ??= found.Label.Name;
            reading.Confidence ??= found.Confidence.Name;
            _toldAll = reading.Image is not null && reading.Label is not null && reading.Confidence is not null;
        }

        private void Walk(ReadOnlySpan<byte> line, ref Found found)
        {
            _image?.Begin();
            _label?.Begin();
            _confidence?.Begin();
            _gold?.Begin();
            _version?.Begin();
            var reader = new Utf8JsonReader(line, _options);
            found.IsObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            if (!found.IsObject) return;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                _image?.Look(reader);
                _label?.Look(reader);
                _confidence?.Look(reader);
                _gold?.Look(reader);
                _version?.Look(reader);
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
                && !Take(FieldNames.Image, ref found.Image, ref reader, name) && !Take(FieldNames.Gold, ref found.Gold, ref reader, name) && !Take(FieldNames.Version, ref found.Version, ref reader, name))
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
            var text = ReferenceEquals(names, FieldNames.Confidence) || ReferenceEquals(names, FieldNames.Gold) || ReferenceEquals(names, FieldNames.Version) ? TextOfNumber(ref reader) : Text(ref reader);
            if (field.Name is null || rank <= field.Rank) field = (text, name, rank);
            return true;
        }

        private void TakeSaid(ref Found found)
        {
            if (_image is not null) (found.Image, found.Url, found.Path) = (_image.Value, null, null);
            if (_label is not null) found.Label = _label.Value;
            if (_confidence is not null) found.Confidence = _confidence.Value;
            if (_gold is not null) found.Gold = _gold.Value;
            if (_version is not null) found.Version = _version.Value;
        }

        /// <summary>What is no number is shown to whoever reads why, instead of being taken for none.</summary>
        private static string? TextOfNumber(ref Utf8JsonReader reader)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return TextOfNumber(document.RootElement);
        }

        private static string? TextOfNumber(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : JsonPath.TextOf(value) ?? value.ValueKind switch
        {
            JsonValueKind.Array => CorpusRecord.AnArray,
            JsonValueKind.Object => CorpusRecord.AnObject,
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

    /// <summary>A field that the caller named by its path, found while a line is walked.</summary>
    private sealed class SaidField(JsonPath path, Func<JsonElement, string?> textOf)
    {
        private bool _isWhole;

        public string Name => path.Text;

        public (string? Text, string? Name, int Rank) Value { get; private set; }

        public static SaidField? Of(string? text, Func<JsonElement, string?> textOf) => JsonPath.Of(text) is { } path ? new SaidField(path, textOf) : null;

        /// <summary>A line begins.</summary>
        public void Begin() => (_isWhole, Value) = (false, default);

        /// <summary>Takes a property where the path begins with it; one of the path's whole name comes first, and of a repeated one the last.</summary>
        /// <param name="property">A copy that stands on its name.</param>
        public void Look(Utf8JsonReader property)
        {
            var isWhole = property.ValueTextEquals(path.Text);
            if (!isWhole && (_isWhole || !property.ValueTextEquals(path.First))) return;
            _isWhole = isWhole;
            using var document = JsonDocument.ParseValue(ref property);
            Value = (isWhole ? document.RootElement : path.Inside(document.RootElement)) is { } value ? (textOf(value), path.Text, -1) : default;
        }
    }

    private struct Found
    {
        public (string? Text, string? Name, int Rank) Image;
        public (string? Text, string? Name, int Rank) Label;
        public (string? Text, string? Name, int Rank) Confidence;
        public (string? Text, string? Name, int Rank) Gold;
        public (string? Text, string? Name, int Rank) Version;

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

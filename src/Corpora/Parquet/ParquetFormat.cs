using System.Globalization;
using System.Runtime.CompilerServices;
using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Corpora;

/// <summary>
/// Parquet, as pandas and cleanlab write it: columns by their usual names, or by those the caller gives. A file is read from its end, so it is
/// put on disk first, and some thousand rows are in memory at a time.
/// </summary>
internal sealed class ParquetFormat : ICorpusFormat
{
    private const int RowsAtOnce = 1_024;

    /// <summary>Of one column of a group, as the file says.</summary>
    private const long MaxUnpackedBytes = 1L << 30;

    private const int MaxMessage = 200;

    public string Name => "parquet";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/vnd.apache.parquet", "application/x-parquet"];

    public bool IsText => false;

    public ConfidenceScale? Scale => null;

    public bool HasGold => true;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var spool = await Spool.TakeAsync(body, cancellation);
        using var source = new ManagedRandomAccessFile(spool.File, leaveOpen: true);
        using var file = Try(() => new ParquetFileReader(source));
        using var metadata = Try(() => file.FileMetaData);
        var columns = Columns.Of([.. Enumerable.Range(0, metadata.NumColumns).Select(index => Try(() => metadata.Schema.Column(index).Name))], reading);
        var number = 0L;
        for (var index = 0; index < metadata.NumRowGroups; index++)
        {
            using var group = Try(() => file.RowGroup(index));
            using var images = Texts.Of(group, columns.Image);
            using var labels = Texts.Of(group, columns.Label);
            using var confidences = columns.Confidence is { } place ? Texts.Of(group, place) : null;
            using var golds = columns.Gold is { } known ? Texts.Of(group, known) : null;
            using var versions = columns.Version is { } model ? Texts.Of(group, model) : null;
            while (images.Read() is { Length: > 0 } image)
            {
                cancellation.ThrowIfCancellationRequested();
                var (label, confidence, gold, version) = (labels.Read(), confidences?.Read(), golds?.Read(), versions?.Read());
                if (label.Length != image.Length || (confidence ?? image).Length != image.Length || (gold ?? image).Length != image.Length || (version ?? image).Length != image.Length) throw new BadInputException("The file can't be read as Parquet: its columns differ in length.");
                for (var row = 0; row < image.Length; row++) yield return new CorpusRecord(++number, image[row], label[row], confidence?[row], Gold: gold?[row], Version: version?[row]);
            }
        }
    }

    /// <summary>What a parser of other people's files throws, whatever it is, is said of the file.</summary>
    private static T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (BadInputException or OutOfMemoryException))
        {
            // ParquetSharp puts the name of a C++ class before what it says.
            var message = e.Message.Split("message: '") is [_, var said] ? said.TrimEnd('\'', ')') : e.Message;
            throw new BadInputException($"The file can't be read as Parquet: {(message.Length > MaxMessage ? message[..MaxMessage] : message)}");
        }
    }

    /// <summary>A column of a group as texts, some rows at a time.</summary>
    private sealed class Texts(ColumnReader column, LogicalColumnReader values, Func<string?[]> read) : IDisposable
    {
        public static Texts Of(RowGroupReader group, int index)
        {
            var unpacked = Try(() => group.MetaData.GetColumnChunkMetaData(index).TotalUncompressedSize);
            if (unpacked > MaxUnpackedBytes) throw new BadInputException($"A column of a group of rows unpacks to {unpacked} bytes, and {MaxUnpackedBytes} are the most. Write the file with smaller groups (row_group_size=100000 in pandas).");
            var column = Try(() => group.Column(index));
            var values = Try(() => column.LogicalReader());
            return new Texts(column, values, values.Apply(new Reads(column.ColumnDescriptor.Name)));
        }

        /// <summary>The next rows; none at the end.</summary>
        public string?[] Read() => Try(read);

        public void Dispose()
        {
            values.Dispose();
            column.Dispose();
        }

        private sealed class Reads(string name) : ILogicalColumnReaderVisitor<Func<string?[]>>
        {
            public Func<string?[]> OnLogicalColumnReader<TValue>(LogicalColumnReader<TValue> columnReader)
            {
                var type = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
                if (type != typeof(string) && type != typeof(double) && type != typeof(float) && type != typeof(decimal) && type != typeof(int) && type != typeof(long) && type != typeof(bool))
                    throw new BadInputException($"The column '{Text.Excerpt(name)}' is of type {type.Name}, which is neither text nor a number nor true or false. Name another.");
                var batch = new TValue[RowsAtOnce];
                return () =>
                {
                    var count = columnReader.HasNext ? columnReader.ReadBatch(batch) : 0;
                    // The shortest text that is the number again: a float32 of 0.97 is not 0.9700000286102295 of anything.
                    return Array.ConvertAll(batch[..count], value => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString());
                };
            }
        }
    }

    /// <summary>Where the columns are.</summary>
    private sealed record Columns(int Image, int Label, int? Confidence, int? Gold, int? Version)
    {
        public static Columns Of(IReadOnlyList<string> names, CorpusReading reading)
        {
            var columns = new Columns(
                Find(reading.Options.Image, FieldNames.Image, "image") ?? throw Refusal("no column is the image"),
                Find(reading.Options.Label, FieldNames.Label, "label") ?? throw Refusal("no column is the label"),
                Find(reading.Options.Confidence, FieldNames.Confidence, "confidence"), Find(reading.Options.Gold, FieldNames.Gold, "gold"),
                reading.Options.Version is null ? Find(reading.Options.VersionColumn, FieldNames.Version, "model version") : null);
            (reading.Image, reading.Label, reading.Confidence, reading.Gold) =
                (names[columns.Image], names[columns.Label], columns.Confidence is { } confidence ? names[confidence] : null, columns.Gold is { } gold ? names[gold] : null);
            reading.Version = columns.Version is { } version ? names[version] : null;
            return columns;

            int? Find(string? said, IReadOnlyList<string> usual, string meaning)
            {
                IReadOnlyList<string> wanted = said is null ? usual : [said];
                var found = names.Index().Where(column => FieldNames.IsOneOf(column.Item, wanted)).ToList();
                if (found.Count > 1) throw Refusal($"'{found[0].Item}' and '{found[1].Item}' both mean the {meaning}");
                if (found.Count == 1 || said is null) return found.Count == 1 ? found[0].Index : null;
                return int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0 && position <= names.Count ? position - 1
                    : throw Refusal($"none is '{Text.Excerpt(said)}', which was named for the {meaning}");
            }

            BadInputException Refusal(string problem) => new(
                $"The file's columns are {string.Join(", ", names.Take(20).Select(name => $"'{Text.Excerpt(name)}'"))}, and {problem}. Nothing was imported. Say which they are by ?image=, ?label= and ?confidence=.");
        }
    }
}

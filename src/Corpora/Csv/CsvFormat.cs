using System.Runtime.CompilerServices;
using System.Text;

namespace BulkQA.Corpora;

/// <summary>
/// Lines of fields: RFC 4180, with a comma, semicolon, tab or pipe between fields. A first line that names columns is a header, and
/// they may come in any order among others, the counts of another system's table among them; without one the columns are
/// image, label and confidence, where nothing else is said.
/// </summary>
/// <param name="name">Of the format.</param>
/// <param name="delimiter">Where it is part of the format; null where the first lines tell.</param>
/// <param name="mediaTypes">That mean it.</param>
internal sealed class CsvFormat(string name, char? delimiter, params string[] mediaTypes) : ICorpusFormat
{
    internal const string LostLineBreaks = "If the file has more lines, its line breaks were lost on the way: curl takes them out with -d and keeps them with --data-binary.";

    public string Name => name;

    public IReadOnlyList<string> MediaTypes => mediaTypes;

    public bool IsText => true;

    public ConfidenceScale? Scale => null;

    public bool HasGold => true;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var records = new RecordReader(body);
        var divides = reading.Options.Delimiter ?? delimiter ?? Delimiters.Detect((await records.PeekAsync(cancellation)).Span);
        records.Delimiter = (byte)divides;
        reading.Delimiter = divides;
        var lines = new Lines((byte)divides, reading);
        while (await records.ReadAsync(cancellation))
            if (lines.Read(records) is { } record) yield return record;
        lines.End();
    }

    private sealed class Lines(byte delimiter, CorpusReading reading)
    {
        private readonly List<string> _fields = [];
        private CsvColumns? _columns;
        private List<string>? _header;
        private long _headerLine;
        private bool _any;

        /// <summary>Null for a blank line, and for the header.</summary>
        /// <exception cref="BadInputException">It is the first, and leaves open how to read the others.</exception>
        public CorpusRecord? Read(RecordReader records)
        {
            if (records.Problem is { } problem)
            {
                if (_columns is null)
                    throw new BadInputException($"Line {records.Line} is the first, which says what the columns are, and can't be read: {problem}. Nothing was imported. {LostLineBreaks}");
                _any = true;
                return CorpusRecord.Bad(records.Line, problem);
            }
            if (!records.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t')) return null;
            try
            {
                return Read(records.Record.Span, records.Line);
            }
            catch (DecoderFallbackException)
            {
                _any = true;
                return CorpusRecord.Bad(records.Line, "the line is not valid UTF-8; name its encoding by ?encoding=, or send it as UTF-8");
            }
        }

        /// <exception cref="BadInputException">There was a header and nothing else.</exception>
        public void End()
        {
            if (_header is not null && !_any)
                throw new BadInputException($"Line {_headerLine} is a header of {_header.Count} columns, and no line follows it. {LostLineBreaks}");
        }

        private CorpusRecord? Read(ReadOnlySpan<byte> line, long number)
        {
            if (_columns is null)
            {
                ReadFirst(line, number);
                _columns = CsvColumns.Of(_fields, number, reading, out var isHeader);
                if (isHeader)
                {
                    (_header, _headerLine) = ([.. _fields], number);
                    return null;
                }
            }
            else
            {
                CsvFields.Split(line, delimiter, _fields, Utf8.Strict);
            }
            _any = true;
            if (_fields.Count != _columns.Count)
                return CorpusRecord.Bad(number, $"the line has {_fields.Count} fields instead of {_columns.Count}{DelimiterHint()}");
            if (_header is not null && _header.SequenceEqual(_fields)) return CorpusRecord.Bad(number, $"the line is the header of line {_headerLine} again");
            return new CorpusRecord(
                number, _fields[_columns.Image], _fields[_columns.Label], Field(_columns.Confidence), Field(_columns.Confirms), Field(_columns.Disconfirms), _columns.ImageIsUrl,
                Gold: Field(_columns.Gold), Version: Field(_columns.Version));
        }

        private string? Field(int column) => column < 0 ? null : _fields[column];

        private string DelimiterHint() =>
            _fields.Count == 1 && !reading.Options.Delimiter.HasValue ? $" (with '{(char)delimiter}' between them; name another by ?delimiter=)" : "";

        private void ReadFirst(ReadOnlySpan<byte> line, long number)
        {
            try
            {
                CsvFields.Split(line, delimiter, _fields, Utf8.Strict);
            }
            catch (DecoderFallbackException)
            {
                // An item that is not UTF-8 is rejected as any; a header must not be, because the next line would pass for the first.
                CsvFields.Split(line, delimiter, _fields, Encoding.UTF8);
                if (!CsvColumns.IsHeader(_fields, reading.Options)) throw;
                throw new BadInputException($"Line {number} is a header that is not valid UTF-8. Nothing was imported. Name the file's encoding by ?encoding= ({TextEncodings.Known}), or send it in UTF-8.");
            }
        }
    }
}

using System.Text;

namespace BulkQA.Core;

/// <summary>
/// CSV lines. A first line that names columns is a header, and they may come in any order among others, the counts of
/// another system's table among them; without one the columns are image, label and confidence.
/// </summary>
internal sealed class CsvLineParser(ImageBase imageBase) : ICorpusLineParser
{
    private readonly List<string> _fields = [];
    private CsvColumns? _columns;
    private string? _headerOnly;

    public CorpusItem? Parse(ReadOnlySpan<byte> record, long line, out string? problem)
    {
        problem = null;
        if (_columns is null)
        {
            _columns = CsvColumns.Of(FirstFields(record, line), line, out var isHeader);
            if (isHeader)
            {
                _headerOnly = $"Line {line} is a header of {_fields.Count} columns, and no line follows it. {CorpusFields.LostLineBreaks}";
                return null;
            }
        }
        else
        {
            CsvFields.Split(record, _fields, Utf8.Strict);
        }
        if (_fields.Count != _columns.Count)
        {
            problem = $"the line has {_fields.Count} fields instead of {_columns.Count}";
            return null;
        }
        var url = _fields[_columns.Image];
        if (!_columns.ImageIsUrl && !imageBase.TryResolve(url, out url, out problem)) return null;
        return CorpusFields.Item(
            url, _fields[_columns.Label], Field(_columns.Confidence), Field(_columns.Confirms), Field(_columns.Disconfirms), out problem);
    }

    public void Skip(long line, string problem)
    {
        if (_columns is null)
            throw new BadInputException($"Line {line} is the first, which says what the columns are, and can't be read: {problem}. Nothing was imported. {CorpusFields.LostLineBreaks}");
    }

    public string NothingToImport => _headerOnly ?? CorpusFields.EmptyBody;

    private string? Field(int column) => column < 0 ? null : _fields[column];

    private List<string> FirstFields(ReadOnlySpan<byte> record, long line)
    {
        try
        {
            CsvFields.Split(record, _fields, Utf8.Strict);
        }
        catch (DecoderFallbackException)
        {
            // An item that is not UTF-8 is rejected as any; a header must not be, because the next line would pass for the first.
            CsvFields.Split(record, _fields, Encoding.UTF8);
            if (!CsvColumns.LooksLikeHeader(_fields)) throw;
            throw new BadInputException($"Line {line} is a header that is not valid UTF-8. Nothing was imported. Send the file in UTF-8.");
        }
        return _fields;
    }
}

namespace BulkQA.Core;

/// <summary>
/// CSV lines. A first line that names <c>label</c> and an image column is a header, and its columns may come in any
/// order among others, the counts of another system's table among them; without one the columns are image, label and confidence.
/// </summary>
internal sealed class CsvLineParser(string imageBase) : ICorpusLineParser
{
    private readonly List<string> _fields = [];
    private Columns? _columns;

    public CorpusItem? Parse(ReadOnlySpan<byte> record, out string? problem)
    {
        problem = null;
        CsvFields.Split(record, _fields);
        if (_columns is null)
        {
            _columns = Columns.FromHeader(_fields);
            if (_columns is not null) return null;
            _columns = Columns.Headerless;
        }
        if (_fields.Count != _columns.Count)
        {
            problem = $"the line has {_fields.Count} fields instead of {_columns.Count}";
            return null;
        }
        var image = _fields[_columns.Image];
        var isUrl = _columns.ImageIsUrl ?? image.Contains("://", StringComparison.Ordinal);
        return CorpusFields.Item(
            isUrl || image.Length == 0 ? image : imageBase + image,
            _fields[_columns.Label], Field(_columns.Confidence), Field(_columns.Confirms), Field(_columns.Disconfirms), out problem);
    }

    private string? Field(int column) => column < 0 ? null : _fields[column];

    /// <param name="Count">Fields a line must have.</param>
    /// <param name="ImageIsUrl">Null: a URL where it looks like one.</param>
    /// <param name="Confidence">-1 where the header names none; as for the two counts.</param>
    private sealed record Columns(int Count, int Image, bool? ImageIsUrl, int Label, int Confidence, int Confirms, int Disconfirms)
    {
        public static readonly Columns Headerless = new(3, 0, null, 1, 2, -1, -1);

        public static Columns? FromHeader(List<string> fields)
        {
            int Find(string name) =>
                fields.FindIndex(field => string.Equals(field.Trim(), name, StringComparison.OrdinalIgnoreCase));
            var (url, path, label) = (Find(CorpusFields.Url), Find(CorpusFields.LocalPath), Find(CorpusFields.Label));
            if (label < 0 || (url < 0 && path < 0)) return null;
            return new Columns(fields.Count, url >= 0 ? url : path, url >= 0, label, Find(CorpusFields.Confidence), Find(CorpusFields.Confirms), Find(CorpusFields.Disconfirms));
        }
    }
}

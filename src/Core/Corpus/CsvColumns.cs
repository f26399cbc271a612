using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// Where the columns of a CSV are, as its first line says. Columns are never guessed by their position from a line that
/// could be a header: a corpus whose labels are taken for pictures looks right.
/// </summary>
/// <param name="Count">Fields a line must have.</param>
/// <param name="ImageIsUrl">Whether the image is a URL whatever it looks like; otherwise it is one where it has a scheme.</param>
/// <param name="Confidence">-1 where the header names none; as for the two counts.</param>
internal sealed record CsvColumns(int Count, int Image, bool ImageIsUrl, int Label, int Confidence, int Confirms, int Disconfirms)
{
    private const int MaxShown = 20;

    private static readonly string[] _imageNames =
    [
        "image", CorpusFields.LocalPath, CorpusFields.Url, "file", "filename", "file_name", "path", "image_path", "url", "uri", "s3_uri", "image_url",
    ];

    private static readonly string[] _labelNames = [CorpusFields.Label, "class", "class_name", "category", "prediction"];

    private static readonly string[] _confidenceNames = [CorpusFields.Confidence, "score", "prob", "probability"];

    private static readonly string[] _pictureTypes = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".tif", ".tiff", ".heic"];

    private static readonly CsvColumns _headerless = new(3, 0, false, 1, 2, -1, -1);

    /// <summary>The columns by the first line of a corpus.</summary>
    /// <param name="fields">What the line has.</param>
    /// <param name="line">Its number, for the sentence.</param>
    /// <param name="isHeader">Whether it is a header, not an item.</param>
    /// <exception cref="BadInputException">It is neither a header that is understood nor an image, a label and a confidence.</exception>
    public static CsvColumns Of(List<string> fields, long line, out bool isHeader)
    {
        isHeader = LooksLikeHeader(fields);
        if (!isHeader)
        {
            if (fields.Count < 3 || !IsNumber(fields[2]))
                throw Refusal(fields, line, "not a header BulkQA understands, nor an image, a label and a confidence", "the third is not a number");
            if (IsPicture(fields[1]) && !IsPicture(fields[0]))
                throw Refusal(fields, line, "not an image, a label and a confidence", "the second looks like the image");
            return _headerless;
        }
        var image = Find(_imageNames, "image");
        var label = Find(_labelNames, "label");
        if (image < 0) throw NotUnderstood("no column is the image");
        if (label < 0) throw NotUnderstood("no column is the label");
        return new CsvColumns(
            fields.Count, image, Is(fields[image], CorpusFields.Url), label, Find(_confidenceNames, "confidence"),
            Find([CorpusFields.Confirms], CorpusFields.Confirms), Find([CorpusFields.Disconfirms], CorpusFields.Disconfirms));

        int Find(string[] names, string meaning)
        {
            var first = fields.FindIndex(field => IsOneOf(field, names));
            var second = first < 0 ? -1 : fields.FindIndex(first + 1, field => IsOneOf(field, names));
            return second < 0 ? first : throw NotUnderstood($"'{fields[first].Trim()}' and '{fields[second].Trim()}' both mean the {meaning}");
        }

        BadInputException NotUnderstood(string problem) => Refusal(fields, line, "not a header BulkQA understands", problem);
    }

    /// <summary>Whether any field is the name of a column: no item of a corpus is taken for a header, and no header for an item.</summary>
    public static bool LooksLikeHeader(List<string> fields) => fields.Exists(field =>
        IsOneOf(field, _imageNames) || IsOneOf(field, _labelNames) || IsOneOf(field, _confidenceNames)
        || Is(field, CorpusFields.Confirms) || Is(field, CorpusFields.Disconfirms));

    private static BadInputException Refusal(List<string> fields, long line, string what, string problem)
    {
        var shown = string.Join(", ", fields.Take(MaxShown).Select(field => $"'{CorpusFields.Excerpt(field)}'"));
        var more = fields.Count > MaxShown ? $" and {fields.Count - MaxShown} more" : "";
        // Headers hold no numbers: a line that does may be several.
        var hint = fields.Exists(IsNumber) ? $" {CorpusFields.LostLineBreaks}" : "";
        return new BadInputException(
            $"Line {line} is {what}: its fields are {shown}{more}, and {problem}. Nothing was imported. Name one column the image ({string.Join(", ", _imageNames)}), "
            + $"one the label ({string.Join(", ", _labelNames)}) and one the confidence ({string.Join(", ", _confidenceNames)}), "
            + $"or give these three in this order without a header.{hint}");
    }

    /// <summary>Whether it has a scheme, or ends like the name of a picture.</summary>
    private static bool IsPicture(string field) =>
        field.Contains("://", StringComparison.Ordinal) || Array.Exists(_pictureTypes, type => field.EndsWith(type, StringComparison.OrdinalIgnoreCase));

    private static bool IsOneOf(string field, string[] names) => Array.Exists(names, name => Is(field, name));

    private static bool Is(string field, string name) => field.AsSpan().Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsNumber(string field) => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}

using System.Globalization;

namespace BulkQA.Corpora;

/// <summary>
/// Where the columns of a file are, as the caller or its first line says. Columns are never guessed by their position from a line that
/// could be a header: a corpus whose labels are taken for pictures looks right.
/// </summary>
/// <param name="Count">Fields a line must have.</param>
/// <param name="ImageIsUrl">Whether the image is a URL whatever it looks like; otherwise it is one where it has a scheme.</param>
/// <param name="Confidence">-1 where there is none; as for gold, the model version and the two counts.</param>
internal sealed record CsvColumns(int Count, int Image, bool ImageIsUrl, int Label, int Confidence, int Gold, int Confirms, int Disconfirms, int Version)
{
    private const int MaxShown = 20;

    private static readonly string[] _pictureTypes = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".tif", ".tiff", ".heic"];

    /// <summary>The columns by the first line of a corpus; tells the reading what they are.</summary>
    /// <param name="fields">What the line has.</param>
    /// <param name="line">Its number, for the sentence.</param>
    /// <param name="reading">What the caller says of the columns.</param>
    /// <param name="isHeader">Whether it is a header, not an item.</param>
    /// <exception cref="BadInputException">It is neither a header that is understood nor an image, a label and a confidence; or may be either.</exception>
    public static CsvColumns Of(List<string> fields, long line, CorpusReading reading, out bool isHeader)
    {
        var options = reading.Options;
        isHeader = IsHeader(fields, options);
        var columns = isHeader ? OfHeader(fields, line, options) : OfItem(fields, line, options);
        reading.Header = isHeader;
        (reading.Image, reading.Label, reading.Confidence, reading.Gold, reading.Version) = (Tell(columns.Image), Tell(columns.Label), Tell(columns.Confidence), Tell(columns.Gold), Tell(columns.Version));
        return columns;

        string? Tell(int column) => column < 0 ? null : reading.Header == true ? fields[column].Trim() : (column + 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether the first line is a header, as far as it and the caller say.</summary>
    public static bool IsHeader(List<string> fields, CorpusOptions options) =>
        options.Header ?? (LooksLikeHeader(fields) || Names(options.Image) || Names(options.Label) || Names(options.Confidence) || Names(options.Gold) || Names(options.VersionColumn)
            || (Position(options.Confidence) is { } place && place < fields.Count && fields[place].Trim().Length > 0 && !IsNumber(fields[place])));

    /// <summary>Whether any field is the name of a column: no item of a corpus is taken for a header, and no header for an item.</summary>
    public static bool LooksLikeHeader(List<string> fields) => fields.Exists(field =>
        FieldNames.IsOneOf(field, FieldNames.Image) || FieldNames.IsOneOf(field, FieldNames.Label) || FieldNames.IsOneOf(field, FieldNames.Confidence)
        || FieldNames.Is(field, CorpusRecord.ConfirmsField) || FieldNames.Is(field, CorpusRecord.DisconfirmsField));

    private static CsvColumns OfHeader(List<string> fields, long line, CorpusOptions options)
    {
        var image = Find(options.Image, FieldNames.Image, "image");
        var label = Find(options.Label, FieldNames.Label, "label");
        var confidence = Find(options.Confidence, FieldNames.Confidence, "confidence");
        if (image < 0) throw NotUnderstood("no column is the image");
        if (label < 0) throw NotUnderstood("no column is the label");
        return new CsvColumns(
            fields.Count, image, FieldNames.Is(fields[image], FieldNames.Url), label, confidence, Find(options.Gold, FieldNames.Gold, "gold"),
            Find(null, [CorpusRecord.ConfirmsField], CorpusRecord.ConfirmsField), Find(null, [CorpusRecord.DisconfirmsField], CorpusRecord.DisconfirmsField),
            options.Version is null ? Find(options.VersionColumn, FieldNames.Version, "model version") : -1);

        int Find(string? said, IReadOnlyList<string> names, string meaning)
        {
            var wanted = said is null ? names : [said];
            var first = fields.FindIndex(field => FieldNames.IsOneOf(field, wanted));
            if (first < 0 && said is not null)
                return Position(said) is { } position && position < fields.Count ? position : throw NotUnderstood($"none is '{Text.Excerpt(said)}', which was named for the {meaning}");
            var second = first < 0 ? -1 : fields.FindIndex(first + 1, field => FieldNames.IsOneOf(field, wanted));
            return second < 0 ? first : throw NotUnderstood($"'{fields[first].Trim()}' and '{fields[second].Trim()}' both mean the {meaning}");
        }

        BadInputException NotUnderstood(string problem) => Refusal(fields, line, "not a header BulkQA understands", problem);
    }

    private static CsvColumns OfItem(List<string> fields, long line, CorpusOptions options)
    {
        if (Array.Find([options.Image, options.Label, options.Confidence, options.Gold, options.VersionColumn], Names) is { } name)
            throw new BadInputException($"header: false says that the first line is an item, and '{Text.Excerpt(name)}' is the name of a column, which only a header has. Nothing was imported. Give positions from 1.");
        var said = options.Image is not null || options.Label is not null;
        if (said && (options.Image is null || options.Label is null))
            throw Refusal(fields, line, "no header", $"{(options.Image is null ? "the label" : "the image")} was named alone: name both, and the confidence where there is one");
        var image = At(options.Image, 0, "image");
        var label = At(options.Label, 1, "label");
        var confidence = options.Confidence is null && (said || fields.Count < 3) ? -1 : At(options.Confidence, 2, "confidence");
        var gold = options.Gold is null ? -1 : At(options.Gold, 0, "gold");
        var version = options.VersionColumn is null ? -1 : At(options.VersionColumn, 0, "model version");
        if (!said && (fields.Count < 2 || (confidence >= 0 && !IsNumber(fields[confidence]))))
            throw Refusal(fields, line, "not a header BulkQA understands, nor an image, a label and a confidence", fields.Count < 2 ? "there is no second" : "the third is not a number");
        if (!said && !IsPicture(fields[0]) && (IsPicture(fields[1]) || fields.Count < 3))
            throw Refusal(fields, line, "not an image, a label and a confidence", IsPicture(fields[1]) ? "the second looks like the image" : "the first looks like none");
        // Nothing but a number, or a picture, tells an item from the names of columns that nobody knows.
        if (said && options.Header is null && !IsPicture(fields[image]) && (confidence < 0 || !IsNumber(fields[confidence]))) throw Either(fields, line);
        if (image == label || image == confidence || label == confidence || (gold >= 0 && (gold == image || gold == label || gold == confidence))
            || (version >= 0 && (version == image || version == label || version == confidence || version == gold))) throw Refusal(fields, line, "no header", "one column was named twice");
        return new CsvColumns(said || gold >= 0 || version >= 0 ? fields.Count : Math.Min(fields.Count, 3), image, false, label, confidence, gold, -1, -1, version);

        int At(string? position, int otherwise, string meaning)
        {
            var at = position is null ? otherwise : Position(position)!.Value;
            return at < fields.Count || position is null ? at
                : throw Refusal(fields, line, "without that many columns", $"{position} was named for the {meaning}");
        }
    }

    /// <summary>Whether the caller gave a name, which only a header can have.</summary>
    private static bool Names(string? said) => said is not null && Position(said) is null;

    /// <summary>The index of a column that was given by its position.</summary>
    private static int? Position(string? said) =>
        int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0 ? position - 1 : null;

    private static BadInputException Either(List<string> fields, long line) => new(
        $"Line {line} may be a header or an item: its fields are {Shown(fields)}, and what was named for the image does not look like one. Nothing was imported. "
        + "Say ?header=true where it names columns, or ?header=false where it is an item.");

    private static string Shown(List<string> fields) =>
        string.Join(", ", fields.Take(MaxShown).Select(field => $"'{Text.Excerpt(field)}'")) + (fields.Count > MaxShown ? $" and {fields.Count - MaxShown} more" : "");

    private static BadInputException Refusal(List<string> fields, long line, string what, string problem)
    {
        // Headers hold no numbers: a line that does may be several.
        var hint = fields.Exists(IsNumber) ? $" {CsvFormat.LostLineBreaks}" : "";
        return new BadInputException(
            $"Line {line} is {what}: its fields are {Shown(fields)}, and {problem}. Nothing was imported. Name one column the image ({string.Join(", ", FieldNames.Image)}), "
            + $"one the label ({string.Join(", ", FieldNames.Label)}) and one the confidence ({string.Join(", ", FieldNames.Confidence)}); say which they are by ?image=, ?label= and ?confidence=, "
            + $"by name or position from 1; or give these three in this order without a header.{hint}");
    }

    /// <summary>Whether it has a scheme, or ends like the name of a picture.</summary>
    private static bool IsPicture(string field) =>
        field.Contains("://", StringComparison.Ordinal) || Array.Exists(_pictureTypes, type => field.EndsWith(type, StringComparison.OrdinalIgnoreCase));

    private static bool IsNumber(string field) => Confidences.IsNumber(field);
}

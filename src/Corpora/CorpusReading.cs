namespace BulkQA.Corpora;

/// <summary>What a caller says of a corpus. Null is for what is to be found out.</summary>
public sealed record CorpusOptions
{
    /// <summary>Between the fields of a line: a comma, a semicolon, a tab or a pipe.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The delimiters that can be said, for a person.</summary>
    public static string KnownDelimiters => Delimiters.Known;

    /// <summary>A delimiter by its name or itself.</summary>
    public static bool TryDelimiter(string text, out char delimiter) => Delimiters.TryParse(text, out delimiter);

    /// <summary>A name that <see cref="TextEncodings"/> knows.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether the first line of a file of columns names them or is an item.</summary>
    public bool? Header { get; init; }

    /// <summary>The column or attribute of the image: its name, or its position from 1.</summary>
    public string? Image { get; init; }

    public string? Label { get; init; }

    public string? Confidence { get; init; }

    /// <summary>The column or attribute that says of gold images whether their label is right.</summary>
    public string? Gold { get; init; }

    /// <summary>The column or attribute that says which version of the model an item is of.</summary>
    public string? VersionColumn { get; init; }

    /// <summary>The version that all items are of, whatever columns say; empty for none.</summary>
    public string? Version { get; init; }

    public ConfidenceScale? Scale { get; init; }

    /// <summary>The label attribute of a Ground Truth manifest.</summary>
    public string? Attribute { get; init; }

    /// <summary>Of several labels of an image with their confidences, whether all are taken or the surest alone.</summary>
    public bool AllLabels { get; init; }
}

/// <summary>One reading of a corpus: what is said of it, and what was found.</summary>
/// <param name="options">What the caller says.</param>
/// <param name="imageBase">What paths are appended to.</param>
public sealed class CorpusReading(CorpusOptions options, ImageBase imageBase)
{
    public CorpusOptions Options { get; } = options;

    public ImageBase ImageBase { get; } = imageBase;

    /// <summary>Hosts whose web addresses stay as they are, because browsers read pictures there.</summary>
    public PictureHosts PictureHosts { get; init; } = PictureHosts.None;

    /// <summary>
    /// Tells whether the job holds confidences above 1 already, and so percents; asked once, and only where all that comes
    /// lies within 0 and 1.
    /// </summary>
    public Func<ValueTask<bool>> HoldsPercents { get; init; } = () => ValueTask.FromResult(false);

    /// <summary>Null where the format has none.</summary>
    public char? Delimiter { get; set; }

    /// <summary>Whether the first line names columns; null where the format has no columns.</summary>
    public bool? Header { get; set; }

    public string? Encoding { get; set; }

    /// <summary>The name of what was taken for the image, or its position from 1; null where the format leaves no choice.</summary>
    public string? Image { get; set; }

    public string? Label { get; set; }

    /// <summary>As for the image; null too where nothing was taken for the confidence.</summary>
    public string? Confidence { get; set; }

    /// <summary>As for the confidence.</summary>
    public string? Gold { get; set; }

    /// <summary>As for the confidence.</summary>
    public string? Version { get; set; }

    /// <summary>Null where there is no confidence.</summary>
    public ConfidenceScale? Scale { get; set; }

    /// <summary>Whether confidences that may be fractions were taken for percents, as the job holds such.</summary>
    public bool TakenAsTheJobHolds { get; set; }
}

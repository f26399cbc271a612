namespace BulkQA.Corpora;

/// <summary>All formats that are read.</summary>
public static class CorpusFormats
{
    public static ICorpusFormat Csv { get; } = new CsvFormat("csv", null, "text/csv", "application/csv");

    public static ICorpusFormat NdJson { get; } = new NdJsonFormat();

    public static IReadOnlyList<ICorpusFormat> All { get; } =
    [
        Csv,
        new CsvFormat("tsv", '\t', "text/tab-separated-values"),
        NdJson,
        new GroundTruthFormat(),
        new RekognitionFormat(),
        new CocoFormat(),
        new LabelStudioFormat(),
        new FiftyOneFormat(),
        new ParquetFormat(),
        new ImageFolderFormat(),
    ];

    /// <summary>The format of a name, or of a media type; null where there is none.</summary>
    public static ICorpusFormat? Find(string? name, string? mediaType) =>
        All.FirstOrDefault(format => name is null ? mediaType is not null && format.MediaTypes.Contains(mediaType) : format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

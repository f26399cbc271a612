namespace BulkQA.Web.NewJob;

/// <summary>How somebody says that a corpus is to be read. What is null is found out.</summary>
public sealed record CorpusReadingChoice
{
    /// <summary>What can be read, as REST calls it, and in words.</summary>
    public static IReadOnlyList<(string Name, string Words)> Formats { get; } =
    [
        ("csv", "CSV"), ("tsv", "TSV"), ("ndjson", "JSON lines"), ("groundtruth", "Ground Truth manifest"), ("rekognition", "Rekognition labels"),
        ("coco", "COCO detections"), ("labelstudio", "Label Studio export"), ("fiftyone", "FiftyOne samples"), ("parquet", "Parquet"), ("imagefolder", "Zip of folders, one a class"),
    ];

    public static IReadOnlyList<(string Name, string Words)> Delimiters { get; } = [("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab"), ("pipe", "Pipe")];

    public string Format { get; init; } = "csv";
    public string? Delimiter { get; init; }
    public bool? Header { get; init; }
    public string? Image { get; init; }
    public string? Label { get; init; }
    public string? Confidence { get; init; }
    public string? Scale { get; init; }
    public string? Attribute { get; init; }

    /// <summary>Whether the first line may name columns.</summary>
    public bool HasColumns => Format is "csv" or "tsv";

    /// <summary>Whether the image, the label and the confidence can be chosen.</summary>
    public bool IsMapped => Format is "csv" or "tsv" or "ndjson" or "parquet";

    /// <summary>Whether its beginning can be looked at by itself.</summary>
    public bool IsOfLines => IsLines(Format);

    public static bool IsLines(string format) => format is "csv" or "tsv" or "ndjson" or "groundtruth" or "rekognition";

    /// <summary>What a file of that name may be, the likeliest first.</summary>
    public static IReadOnlyList<string> FormatsOf(string fileName) => Path.GetExtension(fileName).ToUpperInvariant() switch
    {
        ".TSV" or ".TAB" => ["tsv"],
        ".NDJSON" or ".JSONL" => ["ndjson", "groundtruth", "rekognition"],
        ".MANIFEST" => ["groundtruth", "ndjson"],
        ".JSON" => ["coco", "labelstudio", "fiftyone", "ndjson"],
        ".PARQUET" => ["parquet"],
        ".ZIP" => ["imagefolder"],
        _ => ["csv"],
    };

    /// <summary>Parameters for REST.</summary>
    public (string Name, string? Value)[] Query =>
    [
        ("format", Format), ("delimiter", HasColumns ? Delimiter : null), ("header", HasColumns && Header is { } header ? (header ? "true" : "false") : null),
        ("image", IsMapped ? Image : null), ("label", IsMapped ? Label : null), ("confidence", IsMapped ? Confidence : null), ("scale", Scale),
        ("attribute", Format == "groundtruth" ? Attribute : null),
    ];
}

using System.ComponentModel;
using BulkQA.Corpora;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>How a corpus is to be read, as a query says. What is left out is found out.</summary>
internal abstract record CorpusQuery
{
    [FromQuery(Name = "format"), Description("csv, tsv, ndjson, groundtruth, rekognition, coco, labelstudio, fiftyone, parquet or imagefolder; by default what the content type means")]
    public string? Format { get; init; }

    [FromQuery(Name = "delimiter"), Description("comma, semicolon, tab or pipe, or the character itself; by default what divides the first lines best")]
    public string? Delimiter { get; init; }

    [FromQuery(Name = "encoding"), Description("utf-8, utf-16, utf-16be, latin-1 or windows-1252; by default the content type's charset, and then UTF-8 or what a byte order mark says")]
    public string? Encoding { get; init; }

    [FromQuery(Name = "header"), Description("Whether the first line of CSV or TSV names the columns (true) or is an item (false); by default what it looks like")]
    public bool? Header { get; init; }

    [FromQuery(Name = "image"), Description("The column or attribute of the image: its name, or its position from 1")]
    public string? Image { get; init; }

    [FromQuery(Name = "label"), Description("The column or attribute of the label; of FiftyOne, the field")]
    public string? Label { get; init; }

    [FromQuery(Name = "confidence"), Description("The column or attribute of the confidence")]
    public string? Confidence { get; init; }

    [FromQuery(Name = "gold"), Description("The column or attribute that says of gold images whether their label is right or wrong; by default `gold`. Of CSV, NDJSON and Parquet")]
    public string? Gold { get; init; }

    [FromQuery(Name = "modelVersion"), Description("The version of the model that gave the labels, for all items, at most 100 bytes; empty for none, whatever columns say. By default what a column says")]
    public string? ModelVersion { get; init; }

    [FromQuery(Name = "modelVersionColumn"), Description("The column or attribute of the model version; by default model_version or modelVersion. Of CSV, NDJSON and Parquet")]
    public string? ModelVersionColumn { get; init; }

    [FromQuery(Name = "scale"), Description("percent (confidences from 0 to 100) or fraction (from 0 to 1)")]
    public string? Scale { get; init; }

    [FromQuery(Name = "attribute"), Description("Ground Truth's label attribute, where a manifest has several")]
    public string? Attribute { get; init; }

    [FromQuery(Name = "labels"), Description("Of Rekognition's labels of an image: top (the surest) or all, which are then held against the job's minConfidence")]
    public string? Labels { get; init; }

    /// <summary>Everything that is wrong with it, as field and reason.</summary>
    public IEnumerable<(string Field, string Reason)> Problems()
    {
        if (Format is not null && CorpusFormats.Find(Format, null) is null) yield return ("format", $"'{Format}' is none of {string.Join(", ", CorpusFormats.All.Select(format => format.Name))}");
        if (Delimiter is not null && !CorpusOptions.TryDelimiter(Delimiter, out _)) yield return ("delimiter", $"'{Delimiter}' is none of {CorpusOptions.KnownDelimiters}");
        if (Encoding is not null && !TextEncodings.IsKnown(Encoding)) yield return ("encoding", $"'{Encoding}' is none of {TextEncodings.Known}");
        if (Scale is not (null or "percent" or "fraction")) yield return ("scale", $"'{Scale}' is neither percent nor fraction");
        if (Labels is not (null or "top" or "all")) yield return ("labels", $"'{Labels}' is neither top nor all");
        foreach (var (field, value) in ((string, string?)[])[("image", Image), ("label", Label), ("confidence", Confidence), ("gold", Gold), ("modelVersionColumn", ModelVersionColumn), ("attribute", Attribute)])
            if (value is not null && string.IsNullOrWhiteSpace(value)) yield return (field, "it is empty; leave it out, or name a column");
        if (!string.IsNullOrWhiteSpace(ModelVersion) && !Core.ModelVersion.TryCreate(ModelVersion, out _, out var problem)) yield return ("modelVersion", problem);
        if (ModelVersion is not null && ModelVersionColumn is not null) yield return ("modelVersionColumn", "modelVersion says it of all items: leave one of the two out");
    }

    /// <param name="charset">The content type's; null where it has none.</param>
    public CorpusOptions ToOptions(string? charset) => new()
    {
        Delimiter = Delimiter is not null && CorpusOptions.TryDelimiter(Delimiter, out var delimiter) ? delimiter : null,
        Encoding = Encoding ?? charset,
        Header = Header,
        Image = Image,
        Label = Label,
        Confidence = Confidence,
        Gold = Gold,
        Version = ModelVersion,
        VersionColumn = ModelVersionColumn,
        Scale = Scale switch { "percent" => ConfidenceScale.Percent, "fraction" => ConfidenceScale.Fraction, _ => null },
        Attribute = Attribute,
        AllLabels = Labels == "all",
    };
}

/// <summary>The query of an import.</summary>
internal sealed record ImportQuery : CorpusQuery
{
    [FromQuery(Name = "dryRun"), Description("Reads the first 1,000 records, stores nothing, and answers what would become of them")]
    public bool? DryRun { get; init; }
}

using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// Output manifests of SageMaker Ground Truth: image classification with one label or several, label verification, and custom jobs whose
/// label is a text. A line has the image (<c>source-ref</c>) and, for each labeling job, a label attribute beside its <c>-metadata</c>.
/// https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html
/// </summary>
internal sealed class GroundTruthFormat : JsonLineFormat
{
    private const string Metadata = "-metadata";

    public override string Name => "groundtruth";

    public override ConfidenceScale? Scale => ConfidenceScale.Fraction;

    protected override IEnumerable<CorpusRecord> Read(JsonElement line, long number, CorpusReading reading)
    {
        reading.Image = "source-ref";
        var image = line.At("source-ref").Text();
        if (image is null) return [CorpusRecord.Bad(number, line.At("source") is null ? "there is no source-ref" : "the object is a text (source), not an image (source-ref)")];
        if (AttributeOf(line, reading) is not { } attribute) return [CorpusRecord.Bad(number, "there is no label attribute with its -metadata")];
        var metadata = line.At(attribute + Metadata);
        if ((metadata.At("failure-reason") ?? line.At(attribute).At("failure-reason")).Text() is { } failure)
            return [CorpusRecord.Bad(number, $"Ground Truth failed on the object: {Text.Excerpt(failure)}")];
        if (metadata is null) return [CorpusRecord.Bad(number, $"there is no '{Text.Excerpt(attribute + Metadata)}'")];
        reading.Label ??= attribute;
        var records = LabelsOf(line.At(attribute), metadata).Select(label => new CorpusRecord(number, image, label.Label, label.Confidence)).ToList();
        if (records.Exists(record => record.Confidence is not null)) reading.Confidence ??= attribute + Metadata;
        return records.Count > 0 ? records : [CorpusRecord.Bad(number, $"'{Text.Excerpt(attribute)}' has no class-name, no class-map and no text that could be the label")];
    }

    private static IEnumerable<(string? Label, string? Confidence)> LabelsOf(JsonElement? value, JsonElement? metadata)
    {
        if (metadata.At("class-map") is { ValueKind: JsonValueKind.Object } classes && metadata.At("class-name") is null)
        {
            foreach (var entry in classes.EnumerateObject())
            {
                var sure = metadata.At("confidence-map").At(entry.Name) ?? metadata.At("confidence-map").At(entry.Value.GetString() ?? "");
                yield return (entry.Value.GetString(), sure.Text());
            }
        }
        else if ((metadata.At("class-name") ?? (value is { ValueKind: JsonValueKind.String } ? value : null)).Text() is { } label)
        {
            yield return (label, metadata.At("confidence").Text());
        }
    }

    /// <summary>The attribute that the caller named, or the only one there is. The first line decides for all.</summary>
    /// <exception cref="BadInputException">There are several, and none was named; or the named one is not there.</exception>
    private static string? AttributeOf(JsonElement line, CorpusReading reading)
    {
        if (reading.Options.Attribute is { } named) return named;
        if (reading.Label is { } known) return known;
        var found = line.EnumerateObject().Select(property => property.Name)
            .Where(name => name.EndsWith(Metadata, StringComparison.Ordinal)).Select(name => name[..^Metadata.Length]).ToList();
        return found.Count < 2 ? found.SingleOrDefault() : throw new BadInputException(
            $"attribute: the first line has the label attributes {string.Join(", ", found.Take(20).Select(name => $"'{Text.Excerpt(name)}'"))}. Nothing was imported. Say which is to be judged by ?attribute=.");
    }
}

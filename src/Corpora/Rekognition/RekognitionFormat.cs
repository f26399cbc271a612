using System.Globalization;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// Answers of Amazon Rekognition, one a line, with the image beside them: <c>DetectLabels</c> (<c>Labels</c>) and <c>DetectCustomLabels</c>
/// (<c>CustomLabels</c>), at the top or in a property such as <c>response</c>. The image is a text under a usual name, or the request's own
/// <c>Image.S3Object</c>. Of the labels the surest is taken, or all of them.
/// https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
/// </summary>
internal sealed class RekognitionFormat : JsonLineFormat
{
    public override string Name => "rekognition";

    public override ConfidenceScale? Scale => ConfidenceScale.Percent;

    protected override IEnumerable<CorpusRecord> Read(JsonElement line, long number, CorpusReading reading)
    {
        if (ImageOf(line, reading) is not { } image) return [CorpusRecord.Bad(number, "no property is the image; say which is by ?image=")];
        if (LabelsOf(line) is not { } labels) return [CorpusRecord.Bad(number, "there are neither Labels nor CustomLabels")];
        (reading.Label, reading.Confidence) = ("Name", "Confidence");
        var records = labels.Select(label => new CorpusRecord(number, image, label.At("Name").Text(), label.At("Confidence").Text())).ToList();
        if (records.Count == 0) return [CorpusRecord.Bad(number, "Rekognition found no label")];
        return reading.Options.AllLabels ? records : [records.MaxBy(record => double.TryParse(record.Confidence, NumberStyles.Float, CultureInfo.InvariantCulture, out var sure) ? sure : -1)];
    }

    private static List<JsonElement>? LabelsOf(JsonElement line)
    {
        JsonElement[] places = [line, .. line.EnumerateObject().Select(property => property.Value).Where(value => value.ValueKind == JsonValueKind.Object)];
        var found = places.Select(place => place.At("CustomLabels") ?? place.At("Labels")).FirstOrDefault(labels => labels is { ValueKind: JsonValueKind.Array });
        return found is null ? null : [.. found.Items()];
    }

    private static string? ImageOf(JsonElement line, CorpusReading reading)
    {
        if (reading.Options.Image is { } said) return JsonPath.Of(reading.Image = said)!.Find(line);
        foreach (var property in line.EnumerateObject())
        {
            if (!FieldNames.IsOneOf(property.Name, FieldNames.Image)) continue;
            reading.Image ??= property.Name;
            if (JsonPath.TextOf(property.Value) is { } text) return text;
            var place = property.Value.At("S3Object");
            if (place.At("Bucket").Text() is { } bucket && place.At("Name").Text() is { } key) return $"s3://{bucket}/{key}";
        }
        return null;
    }
}

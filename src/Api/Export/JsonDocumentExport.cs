using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>One JSON document around an array with an element an image.</summary>
internal abstract class JsonDocumentExport : IExportFormat
{
    public abstract string Name { get; }

    public string MediaType => "application/json";

    public string Extension => $"{Name}.json";

    public async Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation)
    {
        var (before, after) = Around(job);
        await using var text = new StreamWriter(body, leaveOpen: true);
        await text.WriteAsync(before);
        var isFirst = true;
        await foreach (var image in images.WithCancellation(cancellation))
        {
            if (!isFirst) await text.WriteAsync(",\n");
            isFirst = false;
            await text.WriteAsync(Element(image, columns).ToJsonString(ApiJson.Options));
        }
        await text.WriteAsync(after);
    }

    /// <summary>What comes before the first element, and after the last.</summary>
    protected abstract (string Before, string After) Around(JobInfo job);

    protected abstract JsonObject Element(ImageResponse image, ExportColumns columns);

    /// <summary>A confidence as these tools have it, from 0 to 1, with every digit; null for none.</summary>
    public static decimal? Fraction(double? confidence) =>
        confidence is { } percent ? decimal.Parse(percent.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture) / 100 : null;

    /// <summary>Adds what images of this job alone have.</summary>
    protected static void AddFurther(JsonObject element, ImageResponse image, ExportColumns columns)
    {
        if (columns.Posteriors) element["posterior"] = image.Posterior;
        if (columns.SetAside) element["votes_set_aside"] = ExportColumns.CountSetAside(image);
    }

    protected static string Quote(string text) => JsonSerializer.Serialize(text, ApiJson.Options);
}

/// <summary>Tasks for Label Studio, whose prediction is the label. https://labelstud.io/guide/predictions</summary>
internal sealed class LabelStudioExport : JsonDocumentExport
{
    public override string Name => "labelstudio";

    protected override (string Before, string After) Around(JobInfo job) => ("[", "]");

    protected override JsonObject Element(ImageResponse image, ExportColumns columns)
    {
        var prediction = new JsonObject
        {
            ["model_version"] = image.ModelVersion ?? "BulkQA",
            ["result"] = new JsonArray(new JsonObject
            {
                ["from_name"] = "choice",
                ["to_name"] = "image",
                ["type"] = "choices",
                ["value"] = new JsonObject { ["choices"] = new JsonArray(image.Label) },
            }),
        };
        if (Fraction(image.Confidence) is { } score) prediction["score"] = score;
        var data = new JsonObject { ["image"] = image.ImageUrl, ["verdict"] = image.Verdict.ToString(), ["confirms"] = image.Confirms, ["disconfirms"] = image.Disconfirms };
        AddFurther(data, image, columns);
        return new JsonObject { ["data"] = data, ["predictions"] = new JsonArray(prediction) };
    }
}

/// <summary><c>samples.json</c> of a FiftyOne dataset. https://docs.voxel51.com/user_guide/export_datasets.html</summary>
internal sealed class FiftyOneExport : JsonDocumentExport
{
    public override string Name => "fiftyone";

    protected override (string Before, string After) Around(JobInfo job) => ($$"""{"name":{{Quote(job.Name.Value)}},"samples":[""", "]}");

    protected override JsonObject Element(ImageResponse image, ExportColumns columns)
    {
        var sample = new JsonObject
        {
            ["filepath"] = image.ImageUrl,
            ["tags"] = new JsonArray(image.Verdict.ToString()),
            ["prediction"] = new JsonObject { ["_cls"] = "Classification", ["label"] = image.Label, ["confidence"] = Fraction(image.Confidence) },
            ["confirms"] = image.Confirms,
            ["disconfirms"] = image.Disconfirms,
        };
        AddFurther(sample, image, columns);
        return sample;
    }
}

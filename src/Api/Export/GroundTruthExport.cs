using System.Text.Json.Nodes;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// An augmented manifest of image classification, as Ground Truth writes them and training jobs read them. The label attribute is the job's
/// name; its number counts labels from 0 in the order in which they come. The verdict stands in the metadata.
/// https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html
/// </summary>
internal sealed class GroundTruthExport : IExportFormat
{
    public string Name => "groundtruth";

    public string MediaType => "application/jsonlines";

    public string Extension => "manifest";

    public Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation)
    {
        // Two names mean something else in a manifest.
        var attribute = job.Name.Value == "source-ref" || job.Name.Value.EndsWith("-metadata", StringComparison.Ordinal) ? $"{job.Name}-label" : job.Name.Value;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return NdJsonExport.WriteAsync(images.Select(image =>
        {
            if (!numbers.TryGetValue(image.Label, out var number)) numbers[image.Label] = number = numbers.Count;
            var metadata = new JsonObject { ["class-name"] = image.Label };
            if (JsonDocumentExport.Fraction(image.Confidence) is { } confidence) metadata["confidence"] = confidence;
            metadata["type"] = "groundtruth/image-classification";
            metadata["job-name"] = $"bulkqa/{job.Name}";
            metadata["human-annotated"] = image.Confirms + image.Disconfirms > 0 ? "yes" : "no";
            metadata["creation-date"] = job.CreatedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
            metadata["verdict"] = image.Verdict.ToString();
            if (columns.Posteriors) metadata["posterior"] = image.Posterior;
            if (columns.SetAside) metadata["votes-set-aside"] = ExportColumns.CountSetAside(image);
            return new JsonObject { ["source-ref"] = image.ImageUrl, [attribute] = number, [$"{attribute}-metadata"] = metadata };
        }), body, cancellation);
    }
}

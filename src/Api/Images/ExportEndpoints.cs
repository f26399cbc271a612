using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using BulkQA.Grains;
using CsvHelper;
using CsvHelper.Configuration;

namespace BulkQA.Api;

internal static class ExportEndpoints
{
    /// <summary>
    /// A spreadsheet runs what begins with one of these as a formula, and labels come from outside: such a value gets an
    /// apostrophe before it. NDJSON has everything to the letter.
    /// </summary>
    private static readonly CsvConfiguration _csv = new(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape };

    public static void MapExport(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{job}/export", ExportAsync).WithTags("Images").WithProblems().For(Role.Viewer)
            .WithSummary("Streams a job: csv, ndjson, or the manifest of its tasks");

    private static async Task<IResult> ExportAsync(
        string job, IGrainFactory grains, ClaimsPrincipal caller, ImageQuery query, ManifestExport manifest, CancellationToken cancellation,
        string format = "csv", string? verdict = null)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!ImageEndpoints.TryReadVerdict(verdict, out var wanted)) return ImageEndpoints.UnknownVerdict(verdict!);
        var images = query.AllAsync(info, cancellation).Select(entry => ImageResponse.Of(entry.Image, entry.Label, info)).Where(image => wanted?.Invoke(image.Verdict) ?? true);
        return format switch
        {
            "csv" => Stream("text/csv; charset=utf-8", "csv", body => CsvAsync(images, body)),
            "ndjson" => Stream("application/x-ndjson", "ndjson", body => NdJsonAsync(images, body, cancellation)),
            "manifest" when verdict is not null => Problem.Invalid("verdict: a manifest lists tasks, not images"),
            "manifest" when caller.IsInRole(Role.Operator) => Manifest(body => manifest.WriteAsync(info, body, cancellation)),
            "manifest" when await manifest.FindEndAsync(info, cancellation) is { } end => Manifest(body => manifest.ListAsync(info, end, body, cancellation)),
            "manifest" => Problem.Conflict($"The labeling inputs of job '{info.Name}' are not all written yet. An operator must export the manifest, or create the labeling job, first."),
            _ => Problem.Invalid($"format: '{format}' is none of csv, ndjson, manifest"),
        };

        IResult Manifest(Func<Stream, Task> write) => Stream("application/x-ndjson", "manifest", write);

        IResult Stream(string type, string extension, Func<Stream, Task> write) =>
            TypedResults.Stream(write, type, $"{info.Name}.{extension}");
    }

    private static async Task CsvAsync(IAsyncEnumerable<ImageResponse> images, Stream body)
    {
        await using var text = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        await using var csv = new CsvWriter(text, _csv);
        foreach (var column in (string[])["s3_image_url", "label", "confidence", "WorkerConfirmCount", "WorkerDisconfirmCount", "Verdict"])
            csv.WriteField(column);
        await csv.NextRecordAsync();
        await foreach (var image in images)
        {
            csv.WriteField(image.ImageUrl);
            csv.WriteField(image.Label);
            csv.WriteField(image.Confidence?.ToString("R", CultureInfo.InvariantCulture) ?? "");
            csv.WriteField(image.Confirms);
            csv.WriteField(image.Disconfirms);
            csv.WriteField(image.Verdict.ToString());
            await csv.NextRecordAsync();
        }
    }

    private static async Task NdJsonAsync(IAsyncEnumerable<ImageResponse> images, Stream body, CancellationToken cancellation)
    {
        await foreach (var image in images)
        {
            await JsonSerializer.SerializeAsync(body, image, ApiJson.Options, cancellation);
            await body.WriteAsync("\n"u8.ToArray(), cancellation);
        }
    }
}

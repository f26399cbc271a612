using System.Security.Claims;
using BulkQA.Grains;

namespace BulkQA.Api;

internal static class ExportEndpoints
{
    private static readonly IExportFormat[] _formats =
    [
        new CsvExport(), new NdJsonExport(), new VotesExport(), new ParquetExport(), new GroundTruthExport(), new LabelStudioExport(), new FiftyOneExport(), new ImageFolderExport(),
    ];

    public static void MapExport(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{job}/export", ExportAsync).Records("exportImages").WithTags("Images").WithProblems().For(Role.Viewer)
            .WithSummary("Streams a job's images in a format of other tools, or the manifest of its tasks")
            .WithDescription(
                "`csv` and `ndjson` have every image with its counts and verdict; `votes` has a line `task,worker,label` for each vote, as Crowd-Kit reads them; `parquet` has the columns of `csv`; both have `model_version`, `posterior` and `votes_set_aside` at the end where the job has versions, an adopted model, workers who are set aside, and `weight` where its buckets are reviewed unlike (a sample, or a target by bucket): for how many images of its class and bucket a reviewed one stands; "
                + "`groundtruth` is an augmented manifest, `labelstudio` and `fiftyone` are JSON, `imagefolder` is a list of paths in folders of labels, each with its URL; "
                + "`manifest` lists the job's tasks as Ground Truth's input. `verdict` leaves out other images. Verdicts are by votes that count; with `basis=final` by adjudications where there are any. Votes that are set aside count in no form: `ndjson` has them, marked; `votes` leaves them out; the others, but for `imagefolder`, say how many there are of each image, as they give its posterior.");

    private static async Task<IResult> ExportAsync(
        string job, IGrainFactory grains, ClaimsPrincipal caller, ImageQuery query, ManifestExport manifest, CancellationToken cancellation,
        string format = "csv", string? verdict = null, string? basis = null)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!ImageFilter.TryReadVerdict(verdict, out var wanted)) return ImageFilter.UnknownVerdict(verdict!);
        if (!ResultEndpoints.TryReadBasis(basis, out var isFinal)) return ResultEndpoints.UnknownBasis(basis!);
        var images = query.AllAsync(info, cancellation).Select(image => isFinal ? image with { Verdict = image.Final } : image).Where(image => wanted?.Invoke(image.Verdict) ?? true);
        if (Array.Find(_formats, known => known.Name == format) is { } found)
        {
            var columns = ExportColumns.Of(info, await grains.GetClasses(info).ListVersionsAsync() is { IsEmpty: false });
            if (columns.Weights)
            {
                if (await grains.FindTalliesAsync(info) is not { } tallies) return Problem.Deleted(info.Name);
                var weights = ReviewWeights.Of(isFinal ? tallies.AsFinal() : tallies);
                images = images.Select(image => image with { Weight = weights.Of(image) });
            }
            return Stream(found.MediaType, found.Extension, body => found.WriteAsync(info, images, columns, body, cancellation));
        }
        return format switch
        {
            "manifest" when verdict is not null => Problem.Invalid("verdict: a manifest lists tasks, not images"),
            "manifest" when caller.IsInRole(Role.Operator) => Manifest(body => manifest.WriteAsync(info, body, cancellation)),
            "manifest" when await manifest.FindEndAsync(info, cancellation) is { } end => Manifest(body => manifest.ListAsync(info, end, body, cancellation)),
            "manifest" => Problem.Conflict($"The labeling inputs of job '{info.Name}' are not all written yet. An operator must export the manifest, or create the labeling job, first."),
            _ => Problem.Invalid($"format: '{format}' is none of {string.Join(", ", _formats.Select(known => known.Name))}, manifest"),
        };

        IResult Manifest(Func<Stream, Task> write) => Stream("application/x-ndjson", "manifest", write);

        IResult Stream(string type, string extension, Func<Stream, Task> write) =>
            TypedResults.Stream(write, type, $"{info.Name}.{extension}");
    }
}

using System.ComponentModel;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What became of Ground Truth's worker responses.</summary>
/// <param name="Accepted">Answers whose time is known now, whether by this request or before.</param>
/// <param name="Added">Those of them that were not known before; only with <c>missing=add</c>.</param>
/// <param name="Rejected">The first 1,000.</param>
public sealed record WorkerResponsesSummary(long Accepted, long Added, long RejectedCount, IReadOnlyList<RejectedWorkerResponse> Rejected)
{
    public const int MaxListed = 1_000;
}

/// <param name="Place">The file, or the line from 1; and which of its answers, from 0.</param>
public sealed record RejectedWorkerResponse(string Place, string Reason);

internal static class WorkerResponseEndpoints
{
    private const string Zip = "application/zip";

    public static void MapWorkerResponses(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/jobs/{job}/worker-responses", ImportAsync).Records("importWorkerResponses").WithTags("Workers").WithProblems()
            .WithSummary("Takes Ground Truth's worker-response files, so that it is known how long its workers took; repeating it is harmless")
            .WithDescription(
                "A zip, or files of a form, whose names end in `iteration-{n}/{object}/{time}.json` as below `annotations/worker-response/`; or NDJSON with `object` beside `answers`. "
                + "An object's number is the line of the labeling job's manifest, from 0; of a labeling job of images in doubt, say which with `labelingJob`. The time is added to the answer that came by queue. An answer that is not known is rejected: it may still come, and the file be "
                + "sent again then; with `missing=add`, once the labeling job has ended and the queue is empty, it is taken as it is here.")
            .Accepts<string>(Zip, "multipart/form-data", "application/x-ndjson")
            .WithMetadata(new UnlimitedBody());

    private static async Task<Results<Ok<WorkerResponsesSummary>, ProblemHttpResult>> ImportAsync(
        string job, HttpRequest request, IGrainFactory grains, TaskListing listing, ManifestExport manifest, AnswerRouter router, LinkedWorkers linked, TimeProvider time, CancellationToken cancellation,
        string? missing = null, [Description("The name of a labeling job of images in doubt, whose manifest is its own; default the one of all tasks")] string? labelingJob = null)
    {
        if (missing is not (null or "add")) return Problem.Fields([("missing", $"'{missing}' is not add")]);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed; open it to import.");
        if (labelingJob is not null && !JobName.TryCreate(labelingJob, out _, out var problem)) return Problem.Fields([("labelingJob", problem)]);
        if (await (labelingJob is null ? manifest.ReadTasksAsync(info, cancellation) : manifest.ReadTasksAsync(info, labelingJob, cancellation)) is not { } tasks)
            return labelingJob is not null ? Problem.NotFound($"Job '{info.Name}' has no labeling job '{labelingJob}' of images in doubt.") : Problem.Conflict($"Job '{info.Name}' is sampled and has no labeling job that BulkQA started: which of its tasks an object is can't be told, since the lines of its manifest change with its sample.");
        var intake = new WorkerResponseIntake(info, tasks, missing is not null, listing, router, linked, time);
        try
        {
            switch (Body.MediaTypeOf(request))
            {
                case Zip or "application/x-zip-compressed":
                    if (await WorkerResponseFiles.ReadZipAsync(request.Body, intake, cancellation) is { } tooLarge) return tooLarge;
                    break;
                case "multipart/form-data":
                    if (await WorkerResponseFiles.ReadFormAsync(request, intake, cancellation) is { } broken) return broken;
                    break;
                case "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines":
                    await WorkerResponseFiles.ReadLinesAsync(request.Body, intake, cancellation);
                    break;
                default:
                    return Problem.MediaType("application/zip, multipart/form-data or application/x-ndjson", request.ContentType);
            }
            return TypedResults.Ok(await intake.FinishAsync());
        }
        catch (JobGoneException e)
        {
            return Problem.Deleted(e.Job);
        }
    }
}

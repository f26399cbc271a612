using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What a worker's page gets ready while its worker looks at a batch.</summary>
/// <param name="Next">Where the worker goes on, where the job whose turn it is was drawn by this; null for where it would.</param>
/// <param name="Pictures">Of the batch that is likely to come, as its page shows them. Empty where nothing is known of it.</param>
internal sealed record Ahead(string? Next, IReadOnlyList<string> Pictures);

/// <summary>
/// Tells the pictures of the batch that a worker is likely to get after the one it holds, so that its browser has them by then. Nothing is handed out by it: no lease,
/// no limit and no time begins before the batch is asked for and shown.
/// </summary>
internal static class WorkAhead
{
    /// <summary>By which <c>/work-next</c> is told what was drawn.</summary>
    public const string First = "first";

    public static void MapWorkAhead(this IEndpointRouteBuilder app) => app.MapGet("/work/{job}/ahead", LookAsync).ExcludeFromDescription().For(Role.Worker);

    /// <summary>What the page of a batch asks.</summary>
    public static string PathOf(string job, TaskNumber task, string worker, bool goesOnElsewhere) =>
        $"/work/{Uri.EscapeDataString(job)}/ahead?task={task}&worker={Uri.EscapeDataString(worker)}{(goesOnElsewhere ? "&then=next" : "")}";

    private static async Task<Results<Ok<Ahead>, ProblemHttpResult>> LookAsync(
        string job, int task, ClaimsPrincipal caller, IGrainFactory grains, TaskListing tasks, TaskAnswering answering, PictureAccess pictures, LinkedWorkers linked, WorkList work, HttpResponse response,
        CancellationToken cancellation, string? worker = null, string? then = null)
    {
        if (caller.WorkerOf(worker, "worker", out var who) is { } problem) return problem;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        response.Headers.CacheControl = "no-store";
        string? next = null;
        if (then == "next" && await work.DrawAsync(caller, cancellation) is { } drawn)
        {
            next = $"{WorkEndpoints.Page}-next?{First}={Uri.EscapeDataString(drawn.Name.Value)}";
            // Of another job nothing is held that could be gone on from.
            if (drawn.Name != info.Name) return TypedResults.Ok(new Ahead(next, []));
        }
        if (await tasks.LookAheadAsync(info, new TaskNumber(task), await linked.ResolveAsync(who)) is not { } ahead || await answering.ReadAsync(info, ahead) is not { } content)
            return TypedResults.Ok(new Ahead(next, []));
        return TypedResults.Ok(new Ahead(next, [.. content.Content.Images.Select(image => pictures.UrlOf(info, image.Url.Value)).Distinct()]));
    }
}

using BulkQA.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Somebody who answered in a job.</summary>
/// <param name="LookAlikes">Other workers of the job whose ids a person would take for this one, such as by case or accents.</param>
public sealed record WorkerResponse(string WorkerId, IReadOnlyList<string> LookAlikes);

/// <param name="Complete">False where there may be more workers: those of classes that nobody has looked at since a crash, or of too many to remember.</param>
public sealed record WorkersResponse(IReadOnlyList<WorkerResponse> Items, string? NextCursor, bool Complete);

internal static class WorkerEndpoints
{
    private const int MaxPage = 1_000;

    public static void MapWorkers(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{job}/workers", ListAsync).WithTags("Workers").WithProblems().For(Role.Viewer)
            .WithSummary("Who voted in the job, and whose ids look alike");

    private static async Task<Results<Ok<WorkersResponse>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, int limit = 100, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, info.Incarnation.Value, 1) is not [var position]) return Problem.Invalid("cursor: not one of this job's");
            after = position;
        }
        var known = await grains.GetClasses(info).GetWorkersAsync();
        var workers = known.Workers.Select(worker => worker.Key).ToList();
        var alike = LookAlikes.Find(workers);
        var page = workers.SkipWhile(worker => string.CompareOrdinal(worker.Value, after ?? "") <= 0).Take(limit + 1).ToList();
        var items = page.Take(limit).Select(worker => new WorkerResponse(worker.Value, [.. alike.GetValueOrDefault(worker.Value, []).Select(other => other.Value)]));
        return TypedResults.Ok(new WorkersResponse(
            [.. items], page.Count > limit ? Cursor.Write(info.Incarnation.Value, page[limit - 1].Value) : null, known.AreAll));
    }
}

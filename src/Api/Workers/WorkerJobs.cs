using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What somebody did in several jobs together, and what does not add up left out. Shares and times are as in each job.</summary>
/// <param name="Jobs">How many jobs they are.</param>
public sealed record WorkerTotals(
    int Jobs, long Batches, long Images, long Votes, long CantTell, long NotSeen, ShareResponse Unticked, ShareResponse Agreement, ShareResponse MissedWrong,
    GoldResponse? Gold, long Repeats, ShareResponse Contradictions, double? SecondsPerBatch, DateTimeOffset? FirstAt, DateTimeOffset? LastAt)
{
    public required ShareResponse FalselyUnticked { get; init; }

    internal static WorkerTotals Of(int jobs, WorkerTally sum) => new(
        jobs, sum.Batches, sum.Images, sum.Votes, sum.CantTell, sum.NotSeen, ShareResponse.Exact(sum.Disconfirms, sum.Votes), ShareResponse.Exact(sum.Agreed, sum.Compared),
        ShareResponse.Exact(sum.OthersDisconfirm - sum.DisconfirmsWithOthers, sum.OthersDisconfirm), GoldResponse.Of(sum.Gold), sum.Repeats,
        ShareResponse.Exact(sum.Contradictions, sum.Repeats), sum.BatchTimes.Median?.TotalSeconds, sum.FirstAt.ToDateTimeOffset(), sum.LastAt.ToDateTimeOffset())
    {
        FalselyUnticked = ShareResponse.Exact(sum.OthersConfirm - sum.ConfirmsWithOthers, sum.OthersConfirm),
    };
}

/// <summary>A worker in the jobs that the caller may use.</summary>
/// <param name="Jobs">Those in which the worker has answered something, by name.</param>
/// <param name="Totals">Over the jobs of this page: over all of them where the first page has no next one.</param>
public sealed record WorkerJobsResponse(string WorkerId, IReadOnlyList<WorkerResponse> Jobs, WorkerTotals Totals, string? NextCursor);

/// <summary>One worker across jobs.</summary>
internal static class WorkerJobs
{
    /// <summary>Each job of a page has the worker's answers counted.</summary>
    private const int MaxPage = 100;

    public static async Task<Results<Ok<WorkerJobsResponse>, ProblemHttpResult>> ListAsync(
        string worker, IGrainFactory grains, IFactStore facts, WorkerLookup workers, ClaimsPrincipal caller, CancellationToken cancellation, int limit = 20, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (!WorkerId.TryCreate(worker, out var id, out var problem)) return Problem.Invalid($"worker: {problem}");
        var boundTo = $"jobs of worker {id}";
        Incarnation? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 1) is not [var position] || !Incarnation.TryParse(position, out var last)) return Problem.Invalid("cursor: not one of this listing");
            after = last;
        }
        var (found, sum, shown) = (new List<WorkerResponse>(), new WorkerTally(), after);
        // What a caller may not see is passed over here, and no cursor names it.
        await foreach (var incarnation in facts.ReadJobsAsync(id, after, cancellation).Where(incarnation => caller.MayUse(incarnation.Job.Key)))
        {
            if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is not { } job) continue;
            if (found.Count == limit) return TypedResults.Ok(new WorkerJobsResponse(id.Value, found, WorkerTotals.Of(found.Count, sum), Cursor.Write(boundTo, shown!.Value.Value)));
            // One who is noted may not have got an answer stored.
            if (await workers.FindAsync(job, id) is not { } known) continue;
            found.Add(known.Response);
            (sum, shown) = (sum + known.Tally, incarnation);
        }
        return found.Count == 0 && cursor is null
            ? Problem.NotFound($"Nobody has answered as '{id.Value}' in a job that you may see.")
            : TypedResults.Ok(new WorkerJobsResponse(id.Value, found, WorkerTotals.Of(found.Count, sum), null));
    }
}

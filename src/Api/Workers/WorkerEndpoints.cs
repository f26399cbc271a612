using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

internal static class WorkerEndpoints
{
    private const int MaxPage = 1_000;

    /// <summary>By what a list of workers can be ordered; but by id, what is greatest comes first, and what is not known last.</summary>
    private static readonly Dictionary<string, Func<WorkerTally, double>> _orders = new(StringComparer.Ordinal)
    {
        ["id"] = _ => 0,
        ["votes"] = tally => tally.Votes,
        ["unticked"] = tally => Share(tally.Disconfirms, tally.Votes),
        ["agreement"] = tally => -Share(tally.Agreed, tally.Compared, 2),
        ["missedWrong"] = tally => Share(tally.OthersDisconfirm - tally.DisconfirmsWithOthers, tally.OthersDisconfirm),
        ["gold"] = tally => Share(tally.Gold.FalselyUnticked + tally.Gold.MissedWrong, tally.Gold.Votes),
        ["speed"] = tally => -(tally.BatchTimes.Median?.TotalSeconds ?? double.MaxValue),
        ["flags"] = tally => WorkerFlag.Of(tally).Count(),
    };

    public static IServiceCollection AddWorkers(this IServiceCollection services) => services.AddSingleton<WorkerLookup>();

    public static void MapWorkers(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/workers/{worker}", WorkerJobs.ListAsync).TellsOfJobs().WithTags("Workers").WithProblems().For(Role.Viewer)
            .WithSummary("One worker across jobs: in each what `GET /v1/jobs/{job}/workers/{worker}` says, and the sums over the jobs of the page");
        var workers = app.MapGroup("/v1/jobs/{job}/workers").WithTags("Workers").WithProblems();
        workers.MapGet("/", ListAsync).For(Role.Viewer)
            .WithSummary("Who answered in the job, how much, how far each agrees with the others, and whose ids look alike")
            .WithDescription("`sort` is one of `id` (default), `votes`, `unticked`, `agreement` (least first), `missedWrong`, `gold` (most mistakes first), `speed` (fastest first) and `flags`.");
        workers.MapGet("/{worker}", GetAsync).For(Role.Viewer).WithSummary("One worker of a job");
        workers.MapPatch("/{worker}", ChangeAsync).Records("changeWorker").WithSummary("Sets a worker's votes in the job aside, or has them count again (tables are right when it answers); grants or refuses its qualification, or has it taken again");
    }

    private static async Task<Results<Ok<WorkersResponse>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, WorkerLookup workers, int limit = 100, string? cursor = null, string sort = "id")
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (!_orders.TryGetValue(sort, out var order)) return Problem.Invalid($"sort: '{sort}' is none of {string.Join(", ", _orders.Keys)}");
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var boundTo = $"{info.Incarnation} workers by {sort}";
        var (afterValue, afterWorker) = (double.PositiveInfinity, "");
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 2) is not [var value, var worker] || !double.TryParse(value, CultureInfo.InvariantCulture, out afterValue)) return Problem.Invalid("cursor: not one of this list");
            afterWorker = worker;
        }
        if (await grains.GetClasses(info).GetWorkerTalliesAsync() is not { } tallies) return Problem.Deleted(info.Name);
        var alike = LookAlikes.Find(tallies.Select(entry => entry.Key));
        var model = await workers.FindModelAsync(info);
        var decisions = await grains.GetJob(info).GetDecisionsAsync(info.Incarnation);
        // From the place on, and not by counting: a worker who comes meanwhile moves nobody to another page.
        var page = tallies.Select(entry => (entry.Key, entry.Value, Order: order(entry.Value)))
            .Where(entry => entry.Order < afterValue || (entry.Order.Equals(afterValue) && string.CompareOrdinal(entry.Key.Value, afterWorker) > 0))
            .OrderByDescending(entry => entry.Order).ThenBy(entry => entry.Key.Value, StringComparer.Ordinal).Take(limit + 1).ToList();
        return TypedResults.Ok(new WorkersResponse(
            [.. page.Take(limit).Select(entry => WorkerLookup.Of(info, entry.Key, entry.Value, alike, model, decisions))],
            page.Count > limit ? Cursor.Write(boundTo, page[limit - 1].Order.ToString("R", CultureInfo.InvariantCulture), page[limit - 1].Key.Value) : null,
            tallies.Length < IPartitionGrain.MaxWorkersTold));
    }

    private static async Task<Results<Ok<WorkerResponse>, ProblemHttpResult>> GetAsync(string job, string worker, IGrainFactory grains, WorkerLookup workers)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!WorkerId.TryCreate(worker, out var id, out var problem)) return Problem.Invalid($"worker: {problem}");
        return await workers.FindAsync(info, id) is { } found ? TypedResults.Ok(found.Response) : NoWorker(info, id);
    }

    private static async Task<Results<Ok<WorkerResponse>, ProblemHttpResult>> ChangeAsync(
        string job, string worker, WorkerChange change, IGrainFactory grains, WorkerLookup workers, ClaimsPrincipal caller, TimeProvider time)
    {
        var problems = new List<(string Field, string Problem)>();
        if (!WorkerId.TryCreate(worker, out var id, out var wrong)) problems.Add(("worker", wrong));
        var ruling = QualificationDecisions.OfName(change.Qualification);
        if (change.Qualification is not null && ruling is null) problems.Add(("qualification", $"'{change.Qualification}' is none of {QualificationDecisions.Names}"));
        if (change.Qualification is not null && change.State is not null) problems.Add(("qualification", "decide about it and about state in two requests"));
        if (change.Qualification is null && change.State is not (WorkerState.Counted or WorkerState.SetAside)) problems.Add(("state", $"'{change.State}' is neither {WorkerState.Counted} nor {WorkerState.SetAside}"));
        string? reason = null;
        if ((change.State == WorkerState.SetAside || ruling == QualificationDecision.Refused || change.Reason is not null) && !Remark.TryRead(change.Reason, "the reason", SetAsideWorker.MaxReasonBytes, out reason, out wrong)) problems.Add(("reason", wrong));
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        // A qualification may be granted before anything is answered.
        if (ruling is null && await workers.FindAsync(info, id) is null) return NoWorker(info, id);
        var decision = new WorkerDecision(0, id, change.State == WorkerState.SetAside, reason, caller.Who(), time.GetUtcNow()) { Qualification = ruling };
        var decide = ruling is null ? grains.GetJob(info).DecideAsync(info.Incarnation, decision, change.After) : grains.GetJob(info).RuleAsync(info.Incarnation, decision, change.After);
        if (await decide is not { } decided) return Problem.Deleted(info.Name);
        if (decided.IsRefused)
            return Problem.Conflict($"{(decided.Last == 0 ? "Nothing has been decided" : $"Decision {decided.Last} is the last")} about worker '{id.Value}' of job '{info.Name}'{(change.After is { } known && known != decided.Last ? $", and not {known}" : ", and later than this one")}. Look at it, and decide again.");
        return await workers.FindAsync(decided.Job, id) is { } now ? TypedResults.Ok(now.Response) : Problem.Deleted(info.Name);
    }

    private static ProblemHttpResult NoWorker(JobInfo job, WorkerId worker) => Problem.NotFound($"Nobody has answered in job '{job.Name}' as '{worker.Value}'.");

    /// <param name="part">Of the whole.</param>
    /// <param name="whole">0 or more.</param>
    /// <param name="unknown">What comes last.</param>
    private static double Share(long part, long whole, double unknown = -1) => whole == 0 ? unknown : (double)part / whole;
}

using System.Collections.Immutable;
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

    public static void MapWorkers(this IEndpointRouteBuilder app)
    {
        var workers = app.MapGroup("/v1/jobs/{job}/workers").WithTags("Workers").WithProblems();
        workers.MapGet("/", ListAsync).For(Role.Viewer)
            .WithSummary("Who answered in the job, how much, how far each agrees with the others, and whose ids look alike")
            .WithDescription("`sort` is one of `id` (default), `votes`, `unticked`, `agreement` (least first), `missedWrong`, `gold` (most mistakes first), `speed` (fastest first) and `flags`.");
        workers.MapGet("/{worker}", GetAsync).For(Role.Viewer).WithSummary("One worker of a job");
        workers.MapPatch("/{worker}", ChangeAsync).WithSummary("Sets a worker's votes in the job aside, or has them count again; tables are right when it answers");
    }

    private static async Task<Results<Ok<WorkersResponse>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, ModelStore models, int limit = 100, string? cursor = null, string sort = "id")
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
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
        var model = await FindModelAsync(info, grains, models);
        var decisions = await grains.GetJob(info).GetDecisionsAsync(info.Incarnation);
        // From the place on, and not by counting: a worker who comes meanwhile moves nobody to another page.
        var page = tallies.Select(entry => (entry.Key, entry.Value, Order: order(entry.Value)))
            .Where(entry => entry.Order < afterValue || (entry.Order.Equals(afterValue) && string.CompareOrdinal(entry.Key.Value, afterWorker) > 0))
            .OrderByDescending(entry => entry.Order).ThenBy(entry => entry.Key.Value, StringComparer.Ordinal).Take(limit + 1).ToList();
        return TypedResults.Ok(new WorkersResponse(
            [.. page.Take(limit).Select(entry => Of(info, entry.Key, entry.Value, alike, model, decisions))],
            page.Count > limit ? Cursor.Write(boundTo, page[limit - 1].Order.ToString("R", CultureInfo.InvariantCulture), page[limit - 1].Key.Value) : null,
            tallies.Length < IPartitionGrain.MaxWorkersTold));
    }

    private static async Task<Results<Ok<WorkerResponse>, ProblemHttpResult>> GetAsync(string job, string worker, IGrainFactory grains, ModelStore models)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!WorkerId.TryCreate(worker, out var id, out var problem)) return Problem.Invalid($"worker: {problem}");
        return await FindAsync(info, id, grains, models) is { } found ? TypedResults.Ok(found) : NoWorker(info, id);
    }

    private static async Task<Results<Ok<WorkerResponse>, ProblemHttpResult>> ChangeAsync(
        string job, string worker, WorkerChange change, IGrainFactory grains, ModelStore models, ClaimsPrincipal caller, TimeProvider time)
    {
        var problems = new List<(string Field, string Problem)>();
        if (!WorkerId.TryCreate(worker, out var id, out var wrong)) problems.Add(("worker", wrong));
        if (change.State is not (WorkerState.Counted or WorkerState.SetAside)) problems.Add(("state", $"'{change.State}' is neither {WorkerState.Counted} nor {WorkerState.SetAside}"));
        string? reason = null;
        if ((change.State == WorkerState.SetAside || change.Reason is not null) && !Remark.TryRead(change.Reason, "the reason", SetAsideWorker.MaxReasonBytes, out reason, out wrong)) problems.Add(("reason", wrong));
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (await FindAsync(info, id, grains, models) is null) return NoWorker(info, id);
        var decision = new WorkerDecision(0, id, change.State == WorkerState.SetAside, reason, caller.Who(), time.GetUtcNow());
        if (await grains.GetJob(info).DecideAsync(info.Incarnation, decision, change.After) is not { } decided) return Problem.Deleted(info.Name);
        if (decided.IsRefused)
            return Problem.Conflict($"{(decided.Last == 0 ? "Nothing has been decided" : $"Decision {decided.Last} is the last")} about worker '{id.Value}' of job '{info.Name}'{(change.After is { } known && known != decided.Last ? $", and not {known}" : ", and later than this one")}. Look at it, and decide again.");
        return await FindAsync(decided.Job, id, grains, models) is { } now ? TypedResults.Ok(now) : Problem.Deleted(info.Name);
    }

    private static async Task<WorkerResponse?> FindAsync(JobInfo job, WorkerId worker, IGrainFactory grains, ModelStore models)
    {
        if (await grains.GetClasses(job).GetWorkerTalliesAsync() is not { } tallies || !tallies.Any(entry => entry.Key == worker)) return null;
        var alike = LookAlikes.Find(tallies.Select(entry => entry.Key));
        return Of(
            job, worker, tallies.First(entry => entry.Key == worker).Value, alike, await FindModelAsync(job, grains, models), await grains.GetJob(job).GetDecisionsAsync(job.Incarnation));
    }

    private static WorkerResponse Of(
        JobInfo job, WorkerId worker, WorkerTally tally, ImmutableSortedDictionary<string, ImmutableArray<WorkerId>> alike, StoredModel? model,
        ImmutableArray<WorkerDecision> decisions) =>
        WorkerResponse.Of(worker, tally, alike.GetValueOrDefault(worker.Value, []), job.SetAside.FirstOrDefault(entry => entry.Worker == worker), model, decisions);

    /// <summary>The adopted model, otherwise the latest that is done.</summary>
    private static async Task<StoredModel?> FindModelAsync(JobInfo job, IGrainFactory grains, ModelStore models)
    {
        var name = job.Model?.Name ?? (await grains.GetReliability(job).ListAsync()).FirstOrDefault(model => model.Result is { LabelsSwitched: false })?.Result?.Name;
        return name is null ? null : await models.ReadAsync(job.Incarnation, name);
    }

    private static ProblemHttpResult NoWorker(JobInfo job, WorkerId worker) => Problem.NotFound($"Nobody has answered in job '{job.Name}' as '{worker.Value}'.");

    /// <param name="part">Of the whole.</param>
    /// <param name="whole">0 or more.</param>
    /// <param name="unknown">What comes last.</param>
    private static double Share(long part, long whole, double unknown = -1) => whole == 0 ? unknown : (double)part / whole;
}

using System.Security.Claims;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Who did how much on which day: for whoever pays for it, and for the workers themselves.</summary>
internal static class WorkRecordEndpoints
{
    /// <summary>Where people see their own.</summary>
    public const string Page = $"{AccountPages.Path}/work";

    private const int MaxJobs = 100;

    private const int JobsShown = 20;

    private const string Days = "A day is one of UTC. An image counts once a worker, on the day of its first answer, and a task on the day on which the last of its images was first answered: "
        + "corrections change nothing, and a day that is over changes only by answers that arrive late. `seconds` are of the `tasksTimed` tasks whose time was measured.";

    public static IServiceCollection AddWorkRecords(this IServiceCollection services) => services.AddSingleton<WorkRecordReader>();

    public static void MapWorkRecords(this IEndpointRouteBuilder app)
    {
        // Whoever runs the job, and nobody who only reads it.
        app.MapGet("/v1/jobs/{job}/work-records", ExportOfJobAsync).Records("exportWorkRecords").WithTags("Work").WithProblems().Produces<IReadOnlyList<WorkRecordResponse>>(200, "text/csv", "application/json")
            .WithSummary("Streams what each worker did in the job by day, as CSV or JSON").WithDescription(Days);
        app.MapGet("/v1/work-records", ExportAsync).Records("exportWorkRecords").WithTags("Work").WithProblems().For(Role.Lead).Produces<IReadOnlyList<WorkRecordResponse>>(200, "text/csv", "application/json")
            .WithSummary("The same over all jobs that are for a team, whoever answered in them; for an operator also over all jobs, or all of one worker's").WithDescription(Days);
        app.MapGet("/v1/me/work-records", ListOwnAsync).WithTags("Work").WithProblems().For(Role.SignedIn)
            .WithSummary("What the caller did in its jobs by day, some jobs a page").WithDescription(Days);
        if (SignInRegistration.IsEnabled(app.ServiceProvider.GetRequiredService<IConfiguration>()))
            app.MapGet(Page, ShowOwnAsync).ExcludeFromDescription().RequireAuthorization(policy => policy.RequireClaim(PersonPrincipal.PersonClaim));
    }

    private static async Task<IResult> ExportOfJobAsync(
        string job, [AsParameters] WorkRecordsQuery query, HttpRequest request, IGrainFactory grains, WorkRecordReader records, CancellationToken cancellation)
    {
        var problems = new List<(string Field, string Problem)>();
        var wanted = query.Read(problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        return await records.BeginAsync(info, wanted, cancellation) is { } found ? Stream(found, query.IsCsv(request), isOfOneJob: true, $"{info.Name}.work", cancellation) : Problem.Deleted(info.Name);
    }

    private static async Task<IResult> ExportAsync(
        [AsParameters] WorkRecordsQuery query, HttpRequest request, ClaimsPrincipal caller, IGrainFactory grains, WorkRecordReader records, CancellationToken cancellation, string? team = null)
    {
        var problems = new List<(string Field, string Problem)>();
        var wanted = query.Read(problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        if (new Leading(caller).ReadTeam(team, out var one) is { } problem) return problem;
        if (one is { } given && await grains.GetGrain<ITeamGrain>(given.Key).GetAsync() is null) return PeopleEndpoints.NoTeam(given.Value);
        var jobs = one is { } known ? records.JobsOf(known, cancellation) : wanted.Worker is { } worker ? records.JobsOf(worker, null, cancellation) : records.AllJobsAsync(cancellation);
        return Stream(records.ReadAsync(jobs, wanted, cancellation), query.IsCsv(request), isOfOneJob: false, one is { } of ? $"{of.Value}.work" : "work", cancellation);
    }

    private static async Task<Results<Ok<Page<WorkRecordResponse>>, ProblemHttpResult>> ListOwnAsync(
        ClaimsPrincipal caller, WorkRecordReader records, CancellationToken cancellation, string? from = null, string? to = null, int limit = JobsShown, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxJobs) is { } beyond) return beyond;
        var problems = new List<(string Field, string Problem)>();
        var wanted = new WorkRecordsQuery { From = from, To = to }.Read(problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        if (caller.WorkerOf(null, "worker", out var worker) is { } problem) return problem;
        return await ReadOwnAsync(records, wanted with { Worker = worker }, worker, limit, cursor, cancellation) is { } page ? TypedResults.Ok(page) : Problem.Invalid("cursor: not one of this listing");
    }

    private static async Task<IResult> ShowOwnAsync(ClaimsPrincipal caller, WorkRecordReader records, HttpResponse response, CancellationToken cancellation, string? cursor = null)
    {
        response.Headers.CacheControl = "no-store";
        var worker = caller.Person()!.Value.Worker;
        return await ReadOwnAsync(records, new WorkQuery(null, null, worker, null), worker, JobsShown, cursor, cancellation) is { } page
            ? new RazorComponentResult<OwnWorkPage>(new { Name = caller.PersonName() ?? worker.Value, Records = page.Items, Next = page.NextCursor, HasSession = caller.Person() is not null, IsFirst = cursor is null }) : TypedResults.Redirect(Page);
    }

    /// <summary>A worker's records of some of its jobs; null where the cursor is not one of this listing.</summary>
    private static async Task<Page<WorkRecordResponse>?> ReadOwnAsync(WorkRecordReader records, WorkQuery query, WorkerId worker, int limit, string? cursor, CancellationToken cancellation)
    {
        var boundTo = $"work of {worker}";
        Incarnation? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 1) is not [var position] || !Incarnation.TryParse(position, out var last)) return null;
            after = last;
        }
        var jobs = await records.JobsOf(worker, after, cancellation).Take(limit + 1).ToListAsync(cancellation);
        var found = await records.ReadAsync(jobs.Take(limit).ToAsyncEnumerable(), query, cancellation).ToListAsync(cancellation);
        return new Page<WorkRecordResponse>(found, jobs.Count > limit ? Cursor.Write(boundTo, jobs[limit - 1].Incarnation.Value) : null);
    }

    private static PushStreamHttpResult Stream(IAsyncEnumerable<WorkRecordResponse> records, bool isCsv, bool isOfOneJob, string name, CancellationToken cancellation) => isCsv
        ? TypedResults.Stream(body => CsvExport.WriteAsync(body, WorkRecordResponse.Columns(isOfOneJob), records.Select(record => record.Cells(isOfOneJob))), "text/csv; charset=utf-8", $"{name}.csv")
        : TypedResults.Stream(body => JsonSerializer.SerializeAsync(body, records, ApiJson.Options, cancellation), "application/json", $"{name}.json");
}

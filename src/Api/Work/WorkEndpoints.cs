using System.Security.Claims;
using BulkQA.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>A job that this worker may answer.</summary>
/// <param name="Priority">Of jobs between which a worker has the choice, each comes up as often as this says.</param>
/// <param name="Deadline">Until when it is to be done; null for no such time.</param>
/// <param name="Answered">Tasks that this worker has answered, as far as the job knows; null where it can't tell just now.</param>
/// <param name="Total">Tasks of the job that are handed out; null where it can't tell just now.</param>
/// <param name="HasTasks">Whether anybody could get a task now, as far as the job knows: this worker may have answered all that there are.</param>
/// <param name="Refusal">Why the worker is given no further batch of the job now, whatever it has; null where it is given what there is.</param>
public sealed record WorkResponse(string Job, int Priority, DateTimeOffset? Deadline, int? Answered, int? Total, bool HasTasks, WorkRefusalResponse? Refusal = null)
{
    /// <summary>What the job tells its workers before they answer: plain text with line breaks; null for nothing.</summary>
    public string? Instructions { get; init; }

    internal static WorkResponse Of(WorkItem item) => new(
        item.Job.Name.Value, item.Job.Settings.Assignment.Priority, item.Job.Settings.Assignment.Deadline, item.Progress?.Answered, item.Progress?.Total,
        // Where further workers are asked, whoever has answered every task may still get images that are in doubt.
        item.Refusal is null && (item.Progress is not { } progress || (progress.IsWanted && (progress.Answered < progress.Total || item.Job.Settings.MaxWorkersPerTask is not null))), item.Refusal is { } refusal ? WorkRefusalResponse.Of(item.Job.Name, refusal) : null)
    { Instructions = item.Job.Settings.Work.Instructions };
}

/// <summary>A job of a worker's page.</summary>
/// <param name="Why">The worker gets no further batch now, in the language of the page; null where it does.</param>
public sealed record ShownWork(WorkResponse Work, string? Why);

/// <summary>A task that was handed out, and the job that it is of.</summary>
public sealed record NextWork(string Job, LeasedTask Task);

/// <summary>Somebody who has asked for a task of a job lately.</summary>
/// <param name="Name">The person's name; null where the worker is no person here.</param>
/// <param name="LastAt">When the worker asked last.</param>
public sealed record WorkingResponse(string WorkerId, string? Name, DateTimeOffset LastAt, int Answered);

/// <summary>The jobs that somebody may answer: over REST, and as the page where a worker's day begins.</summary>
internal static class WorkEndpoints
{
    public const string Page = "/work";

    /// <summary>Workers that are told of.</summary>
    private const int MaxWorking = 200;

    /// <summary>Since when somebody who has asked for a task is still at work.</summary>
    private static readonly TimeSpan _lately = TimeSpan.FromMinutes(15);

    public static void MapWork(this IEndpointRouteBuilder app)
    {
        var work = app.MapGroup("/v1/work").WithTags("Work").WithProblems().For(Role.SignedIn);
        work.MapGet("/", ListAsync).WithSummary("The open jobs that the caller may answer, by priority and deadline; 50 at most");
        work.MapGet("/next", NextAsync).WithSummary("Leases a task of one of them: each job comes up as often as its priority says; 204 where none has any for this worker, with Retry-After where one has more later");
        app.MapGet("/v1/jobs/{job}/working", ListWorkingAsync).WithTags("Work").WithProblems()
            .WithSummary("Who has asked for a task of the job in the last quarter of an hour, the latest first, 200 at most; forgotten when the job moves to another silo");
        app.MapGet(Page, ShowAsync).ExcludeFromDescription().For(Role.SignedIn);
        app.MapGet($"{Page}-next", GoOnAsync).ExcludeFromDescription().For(Role.SignedIn);
        app.MapWorkAhead();
    }

    private static async Task<Results<Ok<IReadOnlyList<WorkResponse>>, ProblemHttpResult>> ListAsync(ClaimsPrincipal caller, WorkList work, CancellationToken cancellation, string? worker = null) =>
        caller.WorkerOf(worker, "worker", out var id) is { } problem ? problem
            : TypedResults.Ok<IReadOnlyList<WorkResponse>>([.. (await work.OfAsync(caller, id, cancellation)).Select(WorkResponse.Of)]);

    private static async Task<Results<Ok<NextWork>, NoContent, ProblemHttpResult>> NextAsync(
        ClaimsPrincipal caller, WorkList work, TaskAnswering answering, HttpResponse response, TimeProvider time, CancellationToken cancellation, string? worker = null)
    {
        if (caller.WorkerOf(worker, "worker", out var id) is { } problem) return problem;
        var next = await work.LeaseNextAsync(caller, id, cancellation);
        if (next.Found is not var (job, lease))
        {
            if (next.Until is { } until) WorkRefusals.RetryAfter(response, until, time.GetUtcNow());
            return TypedResults.NoContent();
        }
        return await answering.ReadAsync(job, lease.Task) is { } content ? TypedResults.Ok(new NextWork(job.Name.Value, TaskEndpoints.Leased(job, lease, content, time))) : Problem.Deleted(job.Name);
    }

    private static async Task<Results<Ok<IReadOnlyList<WorkingResponse>>, ProblemHttpResult>> ListWorkingAsync(string job, IGrainFactory grains, TimeProvider time)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var working = (await grains.GetDispatch(info).GetWorkingAsync(time.GetUtcNow() - _lately)).Take(MaxWorking).ToList();
        var people = await Task.WhenAll(working.Select(async entry => PersonId.TryParse(entry.Worker.Value, out var id) ? await PeopleEndpoints.Person(grains, id).GetAsync() : null));
        return TypedResults.Ok<IReadOnlyList<WorkingResponse>>([.. working.Zip(people).Select(entry => new WorkingResponse(entry.First.Worker.Value, entry.Second?.Name, entry.First.LastAt, entry.First.Answered))]);
    }

    private static async Task<IResult> ShowAsync(ClaimsPrincipal caller, WorkList work, HttpResponse response, IStringLocalizer<Words> words, TimeProvider time, CancellationToken cancellation)
    {
        // Whoever answers under names that are typed in has no portal, and a page for each job.
        if (caller.WorkerOf(null, "worker", out var id) is not null) return TypedResults.Redirect("/");
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<WorkPage>(new
        {
            Name = caller.PersonName() ?? id.Value,
            Jobs = (IReadOnlyList<ShownWork>)[.. (await work.OfAsync(caller, id, cancellation)).Select(item => new ShownWork(WorkResponse.Of(item), item.Refusal is { } refusal ? WorkRefusals.Say(words, item.Job.Name.Value, refusal) : null))],
            HasSession = caller.Person() is not null,
            MayLead = caller.IsInRole(Role.Viewer) || caller.IsInRole(Role.Operator) || caller.IsInRole(Role.Adjudicator),
            Now = time.GetUtcNow(),
        });
    }

    /// <summary>To a batch of the job whose turn it is; back to the list where there is none.</summary>
    private static async Task<IResult> GoOnAsync(ClaimsPrincipal caller, WorkList work, CancellationToken cancellation, string? first = null) =>
        caller.WorkerOf(null, "worker", out var id) is null && (await work.LeaseNextAsync(caller, id, cancellation, first)).Found is var (job, _)
            ? TypedResults.Redirect($"{Page}/{Uri.EscapeDataString(job.Name.Value)}?then=next") : TypedResults.Redirect(Page);
}

using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

internal static class TaskEndpoints
{
    private const int MaxPage = 500;

    private const string Decided = "You have answered your first batch. Its answers can't be changed.";

    public static IServiceCollection AddAnswering(this IServiceCollection services) => services.AddSingleton<TaskAnswering>();

    public static void MapTasks(this IEndpointRouteBuilder app)
    {
        var tasks = app.MapGroup("/v1/jobs/{job}/tasks").WithTags("Tasks").WithProblems();
        tasks.MapGet("/", ListAsync).WithSummary("The job's batches").For(Role.Viewer);
        tasks.MapGet("/next", NextAsync).WithSummary("Leases a task that this worker hasn't answered; 204 where none is left, 403 where the worker did not qualify or the job is not for the worker, 409 where there is nothing to qualify by, 429 where the worker gets more later")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests).For(Role.Worker);
        tasks.MapGet("/{task:int:min(0)}", GetAsync).WithSummary("One batch").For(Role.Viewer);
        tasks.MapPost("/{task:int:min(0)}/annotations", AnnotateAsync)
            .WithSummary("A worker's answer to a task; 200 when durable, all boxes or none. Where the job limits what one worker answers, an answer beyond it to a task that is not kept for the worker is refused: 429 where it would be taken later, 403 otherwise")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests).For(Role.Worker);
        tasks.MapPost("/{task:int:min(0)}/lease", RenewAsync)
            .WithSummary("Keeps a batch for the worker who holds it for another lease, up to six in all; 409 where it is kept no longer, or answered").For(Role.Worker);
        tasks.MapPost("/{task:int:min(0)}/unshown", ReportUnshownAsync)
            .WithSummary("Tells the job's operator that none of the batch's pictures can be shown to a worker, who gets other batches for a while").For(Role.Worker);
    }

    private static async Task<Results<Ok<Page<TaskSummary>>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, TaskListing listing, int limit = 100, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var first = 0;
        if (cursor is not null && !(Cursor.Read(cursor, info.Incarnation.Value, 1) is [var position] && int.TryParse(position, out first)))
            return Problem.Invalid("cursor: not one of this job's");
        var end = Math.Min(await listing.CountNumbersAsync(info), first + limit);
        var tasks = await listing.ReadAsync(info, first, Math.Max(0, end - first));
        var items = tasks.Select(task => new TaskSummary(
            task.Status.Task.Value, task.Label.Value, task.Content.Images.Length, StateOf(task.Status), WorkersOf(task.Status)));
        return TypedResults.Ok(new Page<TaskSummary>(
            [.. items], end - first < limit ? null : Cursor.Write(info.Incarnation.Value, end.ToString(CultureInfo.InvariantCulture))));
    }

    private static async Task<Results<Ok<LeasedTask>, NoContent, ProblemHttpResult>> NextAsync(
        string job, ClaimsPrincipal caller, IGrainFactory grains, TaskAnswering answering, LinkedWorkers linked, HttpResponse response, TimeProvider time, string? worker = null)
    {
        if (caller.WorkerOf(worker, "worker", out var who) is { } problem) return problem;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        who = await linked.ResolveAsync(who);
        if (await grains.GetDispatch(info).LeaseAsync(who) is not { } lease)
            return await grains.FindRefusalAsync(info, who) is { } refusal ? refusal.ToProblem(info.Name, response, time.GetUtcNow())
                : await NotQualified.FindAsync(info, who, grains) is not { } why ? TypedResults.NoContent() : why.Failed ? Problem.Forbidden(why.Reason) : Problem.Conflict(why.Reason);
        if (await answering.ReadAsync(info, lease.Task) is not { } content) return Problem.Deleted(info.Name);
        return TypedResults.Ok(Leased(info, lease, content, time));
    }

    public static LeasedTask Leased(JobInfo job, TaskLease lease, LabeledTask content, TimeProvider time) => new(
        lease.Task.Value, content.Label.Value, ImagesOf(content.Label, content.Content), lease.ExpiresAt, lease.Answered, lease.Total, time.GetUtcNow(),
        BoxesOf(job, content.Label, lease.Task));

    private static async Task<Results<Ok<TaskResponse>, ProblemHttpResult>> GetAsync(
        string job, int task, IGrainFactory grains, TaskListing listing)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if ((await listing.ReadAsync(info, task, 1, withGold: true)).SingleOrDefault() is not { } found)
            return await listing.FindAsync(info, new TaskNumber(task)) is { Content: var further } followUp && further.Images[0].Spot is not null
                ? TypedResults.Ok(new TaskResponse(task, followUp.Label.Value, "followUp", [], ImagesOf(followUp.Label, further), BoxesOf(info, followUp.Label, further.Number)))
                : NoTask(info, task);
        return TypedResults.Ok(new TaskResponse(
            task, found.Label.Value, StateOf(found.Status), WorkersOf(found.Status), ImagesOf(found.Label, found.Content),
            BoxesOf(info, found.Label, found.Status.Task)));
    }

    private static async Task<Results<Ok<AnnotationResponse>, ProblemHttpResult>> AnnotateAsync(
        string job, int task, AnnotationRequest request, ClaimsPrincipal caller, IGrainFactory grains, TaskAnswering answering, TaskListing listing, LinkedWorkers linked, HttpResponse response, TimeProvider time)
    {
        if (caller.WorkerOf(request.WorkerId, "workerId", out var worker) is { } problem) return problem;
        var at = AnswerTime.Read(request, time.GetUtcNow(), out var wrong);
        var start = request.Boxes is null ? BoxesAtStart.Unknown : BoxStates.OfName(request.Boxes);
        if (start is null) wrong = [.. wrong, ("boxes", $"'{request.Boxes}' is none of ticked, unticked and neither")];
        if (at is null || start is null) return Problem.Fields(wrong);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed.");
        if (request.JobCreatedAt is { } created && created != info.CreatedAt)
            return Problem.Conflict($"The batch was of a job '{info.Name}' that was deleted since; this one has other batches.");
        var number = new TaskNumber(task);
        if (await answering.ReadAsync(info, number) is not { } content) return NoTask(info, task);
        // As the partition stores it: a task that was answered under a linked id goes on under that, and all others are the person's.
        var person = await linked.ResolveAsync(worker);
        var answerer = person != worker && await listing.HasAnsweredAsync(info, number, worker) ? worker : person;
        // A batch of nothing but gold is what qualifies: it is for those about whom nothing is decided by any class.
        if (content.Images[0].Gold is not { Of: null })
        {
            if (await NotQualified.FindAsync(info, answerer, grains) is { } why) return Problem.Forbidden(why.Reason);
        }
        else if (info.Settings.PassMark is not null && info.RulingOn(answerer)?.Decision != QualificationDecision.Granted
            && await grains.GetDispatch(info).QualifyAsync(answerer) is { State: not QualificationState.Open } decided)
        {
            // Without images it was decided by an operator.
            return decided.Images == 0 && await NotQualified.FindAsync(info, answerer, grains) is { } why ? Problem.Forbidden(why.Reason) : Problem.Conflict(Decided);
        }
        string[] labels = [.. Enumerable.Repeat(content.Label.Value, content.Images.Length)];
        if (Answers.Parse(request.Answers, labels, out var problems) is not { } kinds)
            return Problem.Fields(problems.Select(found => ("answers", found)));
        if (await ToldGold.ContradictsAsync(info, content, answerer, kinds, listing))
            return Problem.Conflict("You were told what is known of some of these images, so that what you said of them stands. Send the same of those.");
        if (content.Images[0].Gold is not { Of: null } && info.Settings.Assignment.MayRefuse && await listing.LetInAsync(info, number, answerer) is { } refusal)
            return refusal.ToProblemOfAnswer(info.Name, number, response, time.GetUtcNow());
        // Whoever tells when the task was served is a page of ours.
        var (source, taken) = request.ServedAt is null ? (AnswerSource.Rest, (TimeSpan?)null) : (AnswerSource.WorkerPage, TimeSpan.FromSeconds(request.AnsweredAfterSeconds ?? 0));
        var refused = new List<RefusedAnswer>();
        var outcome = await answering.AnswerAsync(info, new Submission(number, worker, at.Value, TaskAnswers.Of(kinds), source, start.Value, taken), refused);
        // The person, who has not answered it, would be handed nothing else.
        if (outcome == SubmissionOutcome.Accepted && answerer != person) await listing.PassAsync(info, number, person);
        if (outcome == SubmissionOutcome.Accepted && info.Unshown?.Task == number && kinds.Any(kind => kind != AnswerKind.NotSeen))
            await grains.GetJob(info).WithdrawUnshownAsync(info.Incarnation, number);
        return outcome switch
        {
            SubmissionOutcome.Accepted => TypedResults.Ok(new AnnotationResponse(task, worker.Value, kinds.Length - refused.Count, refused.Count == 0 ? null
                : [.. refused.Select(answer => new RejectedBox(Answers.BoxName(labels[0], answer.Image), ReasonOf(answer.Outcome, "the image's task", worker)))])
            { Gold = GoldFeedbackResponse.Of(info, content, kinds) }),
            null => Problem.Deleted(info.Name),
            SubmissionOutcome.UnknownTask or SubmissionOutcome.OtherImages => NoTask(info, task),
            _ => Problem.Conflict(ReasonOf(outcome.Value, $"Task {task}", worker)),
        };
    }

    private static string ReasonOf(SubmissionOutcome outcome, string what, WorkerId worker) => outcome switch
    {
        SubmissionOutcome.TooManyWorkers => $"{what} has the answers of {AnswerSet.MaxWorkers} workers, which is the most.",
        SubmissionOutcome.TooManySubmissions => $"{what} has been answered {Submission.MaxPerWorker} times by '{worker}', which is the most.",
        SubmissionOutcome.Decided => Decided,
        _ => $"{what} is not there.",
    };

    private static async Task<Results<Ok<LeaseResponse>, ProblemHttpResult>> RenewAsync(
        string job, int task, LeaseRequest request, ClaimsPrincipal caller, IGrainFactory grains, TaskListing listing, LinkedWorkers linked, TimeProvider time)
    {
        if (caller.WorkerOf(request.WorkerId, "workerId", out var worker) is { } problem) return problem;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed.");
        return await listing.RenewAsync(info, new TaskNumber(task), await linked.ResolveAsync(worker)) switch
        {
            null => NoTask(info, task),
            { State: HoldState.Held, At: { } expires, EndsAt: { } ends } => TypedResults.Ok(new LeaseResponse(task, worker.Value, expires, ends, time.GetUtcNow())),
            { State: HoldState.Answered } => Problem.Conflict($"Task {task} is answered by '{worker}': nothing is left to keep."),
            _ => Problem.Conflict($"Task {task} is kept for '{worker}' no longer: others may hold it, or get it. An answer counts all the same."),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReportUnshownAsync(
        string job, int task, UnshownRequest request, ClaimsPrincipal caller, IGrainFactory grains, TaskListing listing, LinkedWorkers linked)
    {
        if (caller.WorkerOf(request.WorkerId, "workerId", out var worker) is { } problem) return problem;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var number = new TaskNumber(task);
        worker = await linked.ResolveAsync(worker);
        if (!await listing.PassAsync(info, number, worker)) return NoTask(info, task);
        await grains.GetJob(info).ReportUnshownAsync(info.Incarnation, number, worker);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult NoTask(JobInfo job, int task) => Problem.NotFound($"Job '{job.Name}' has no task {task}.");

    private static string BoxesOf(JobInfo job, Label label, TaskNumber task) =>
        BoxStates.NameOf(job.Settings.BoxesOf(label, task) ?? BoxesAtStart.Ticked)!;

    private static string StateOf(BulkQA.Grains.TaskStatus status) => status.Done ? "done" : status.IsHeldBack ? "heldBack" : "open";

    private static string[] WorkersOf(BulkQA.Grains.TaskStatus status) => [.. status.Workers.Select(worker => worker.Value)];

    private static TaskImage[] ImagesOf(Label label, TaskContent content) => [.. content.Images.Select((image, index) =>
        new TaskImage(Answers.BoxName(label.Value, index), image.Url.Value, image.Confidence?.Value))];
}

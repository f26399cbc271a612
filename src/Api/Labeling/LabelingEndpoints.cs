using System.ComponentModel;
using System.Text.Json.Nodes;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>A labeling job to create. Whatever is left out has its default.</summary>
public sealed record LabelingJobRequest
{
    [Description("The labeling job's name; default the job's")]
    public string? Name { get; init; }

    [Description("What workers see in their list, at most 128 characters")]
    public string? Title { get; init; }

    [Description("What workers are told, at most 255 characters")]
    public string? Description { get; init; }

    [Description("Who answers; default the team configured")]
    public string? WorkteamArn { get; init; }

    [Description("Asks about the images that the first workers left in doubt and about no others, of a job with maxWorkersPerTask; as many further workers as that says. Needs a name of its own")]
    public bool InDoubt { get; init; }

    [Description("With inDoubt: how many workers are asked about each image, from 1; default maxWorkersPerTask less workersPerTask, which is the most. Images that fewer workers may still answer are left out")]
    public int? FurtherWorkers { get; init; }

    internal IEnumerable<(string Field, string Problem)> Problems()
    {
        if (FurtherWorkers is not null && !InDoubt) yield return ("furtherWorkers", "a labeling job about all tasks asks workersPerTask workers; give it with inDoubt");
        if (FurtherWorkers < 1) yield return ("furtherWorkers", $"{FurtherWorkers} is not 1 or more");
        if (InDoubt && Name is null) yield return ("name", "a labeling job about images in doubt is a further one, and needs a name of its own");
        if (Name is not null && !Core.JobName.TryCreate(Name, out _, out var problem)) yield return ("name", problem);
        if (Title is { Length: 0 or > 128 }) yield return ("title", $"it has {Title.Length} characters; give 1 to 128");
        if (Description is { Length: 0 or > 255 }) yield return ("description", $"it has {Description.Length} characters; give 1 to 255");
    }
}

/// <summary>A labeling job of the account.</summary>
public sealed record LabelingJobSummary(string Name, string Arn, string Status);

internal static class LabelingEndpoints
{
    private const int MaxPage = 100;

    public static IServiceCollection AddLabeling(this IServiceCollection services)
    {
        services.AddOptions<SageMakerOptions>().BindConfiguration(SageMakerOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SageMakerOptions>, SageMakerOptionsValidator>();
        services.AddHttpClient(nameof(SageMakerClient), http => http.Timeout = TimeSpan.FromSeconds(10));
        services.AddSingleton<SageMakerClient>();
        services.AddSingleton<LabelingJobs>();
        services.AddHostedService<LabelingMirror>();
        return services;
    }

    public static void MapLabeling(this IEndpointRouteBuilder app)
    {
        var labeling = app.MapGroup("/v1").WithTags("Ground Truth").WithProblems();
        labeling.MapPost("/jobs/{job}/labeling-job", CreateAsync).Records("startLabelingJob").WithSummary("Has Ground Truth begin a labeling job; 202 with an operation where writing its inputs takes long, or with Prefer: respond-async; with dryRun=true shows the call that would be made");
        labeling.MapGet("/jobs/{job}/labeling-job", GetAsync).WithSummary("How far the labeling job is, as Ground Truth says now").For(Role.Viewer);
        labeling.MapPost("/jobs/{job}/labeling-job/stop", StopAsync).Records("stopLabelingJob").WithSummary("Stops the labeling job; answers that are in count");
        labeling.MapGet("/labeling-jobs", ListAsync).WithSummary("The account's labeling jobs, newest first").For(Role.Operator);
    }

    private static async Task<Results<Created<LabelingJob>, Ok<LabelingJob>, Ok<JsonObject>, Accepted<OperationResponse>, ProblemHttpResult>> CreateAsync(
        string job, HttpRequest http, IGrainFactory grains, LabelingJobs labeling, IOptions<SageMakerOptions> options, IConfiguration configuration,
        TimeProvider time, CancellationToken cancellation, LabelingJobRequest? request = null, bool dryRun = false)
    {
        request ??= new LabelingJobRequest();
        if (request.Problems().ToList() is { Count: > 0 } problems) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (request.InDoubt && info.Settings.MaxWorkersPerTask is null) return Problem.Fields([("inDoubt", $"job '{info.Name}' asks no further workers; create a job with maxWorkersPerTask")]);
        if (request.FurtherWorkers > FurtherLabeling.MostWorkers(info.Settings))
            return Problem.Fields([("furtherWorkers", $"{request.FurtherWorkers} is more than the {FurtherLabeling.MostWorkers(info.Settings)} that job '{info.Name}' may ask after its first {info.Settings.WorkersPerTask}")]);
        if (request.InDoubt && !dryRun && options.Value.IsConfigured)
        {
            if (await labeling.FindFurtherAsync(info, request, cancellation) is { } known) return TypedResults.Ok(known);
            if (await labeling.FindRunningAsync(info, cancellation) is { } running) return Problem.Conflict(LabelingJobs.Refusal(info, running));
        }
        if (request.InDoubt && await labeling.CountInDoubtAsync(info) == 0) return Problem.Conflict($"No image of job '{info.Name}' is in doubt: one can be once it has its first {info.Settings.WorkersPerTask} answers.");
        if (!request.InDoubt && await labeling.CountObjectsAsync(info) is (0 or > ManifestExport.MaxObjects) and var count)
            return Problem.Conflict($"Job '{info.Name}' has {count} tasks; Ground Truth takes 1 to {ManifestExport.MaxObjects} in a labeling job.");
        if (await labeling.IgnoresBoxesAsync(info))
            return Problem.Conflict($"The template of job '{info.Name}' does not look at task.input.sourceRef[0].boxesAtStart, and the job says what boxes start with: workers would see something else.");
        if (dryRun) return TypedResults.Ok(labeling.Request(info, request));
        if (!options.Value.IsConfigured || !Backend.IsCluster(configuration)) return NotConfigured();
        if (await labeling.StartAsync(info, request) is not { } operation)
            return Problem.Conflict($"Another labeling job of '{info.Name}' is being created; look at its operations.");
        operation = await grains.GetOperations(info.Name).WaitAsync(operation, OperationEndpoints.PatienceOf(http), time, cancellation);
        if (operation.State == OperationState.Running) return OperationEndpoints.Accepted(info.Name, operation);
        if (operation.State == OperationState.Failed) return Problem.Conflict($"The labeling job was not created: {operation.Problem}.");
        var (labelingJob, created, refusal) = await labeling.FinishAsync(operation, cancellation);
        if (refusal is not null) return Problem.Conflict(refusal);
        if (labelingJob is null) return Problem.Deleted(info.Name);
        return created ? TypedResults.Created($"/v1/jobs/{info.Name}/labeling-job", labelingJob) : TypedResults.Ok(labelingJob);
    }

    private static async Task<Results<Ok<LabelingJob>, ProblemHttpResult>> GetAsync(
        string job, IGrainFactory grains, LabelingJobs labeling, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        return info.Labeling is { } known ? TypedResults.Ok(await labeling.DescribeAsync(info, known, cancellation)) : NoLabelingJob(info);
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> StopAsync(
        string job, IGrainFactory grains, LabelingJobs labeling, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.Labeling is not { } known) return NoLabelingJob(info);
        await labeling.StopAsync(known, cancellation);
        return TypedResults.Accepted($"/v1/jobs/{info.Name}/labeling-job");
    }

    private static async Task<Results<Ok<Page<LabelingJobSummary>>, ProblemHttpResult>> ListAsync(
        LabelingJobs labeling, IOptions<SageMakerOptions> options, CancellationToken cancellation, int limit = 20, string? cursor = null)
    {
        if (!options.Value.IsConfigured) return NotConfigured();
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        var (jobs, next) = await labeling.ListAsync(limit, cursor, cancellation);
        return TypedResults.Ok(new Page<LabelingJobSummary>(jobs, next));
    }

    private static ProblemHttpResult NotConfigured() => Problem.Conflict(
        $"Labeling jobs need cluster mode and {SageMakerOptions.Section}:RoleArn, WorkteamArn, PreLabelingFunctionArn and PostLabelingFunctionArn.");

    private static ProblemHttpResult NoLabelingJob(JobInfo job) => Problem.NotFound($"Job '{job.Name}' has no labeling job.");
}

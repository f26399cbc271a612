using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>How far workers are to be believed: models of them, and how far they agree.</summary>
internal static class ReliabilityEndpoints
{
    public static void MapReliability(this IEndpointRouteBuilder app)
    {
        var reliability = app.MapGroup("/v1/jobs/{job}/reliability").WithTags("Workers").WithProblems();
        reliability.MapPost("/", StartAsync).Records("estimateReliability").WithSummary("Estimates a model of the job's workers from the votes as they are; 202 with the model, which is adopted by PATCH of the job");
        reliability.MapGet("/", ListAsync).For(Role.Viewer).WithSummary("The job's reliability models, newest first");
        reliability.MapGet("/{model:int}", GetAsync).For(Role.Viewer).WithSummary("A reliability model with its workers");
        reliability.MapDelete("/{model:int}", CancelAsync).Records("cancelEstimate").WithSummary("Cancels a model that is being estimated; one that is done is kept");
        app.MapGet("/v1/jobs/{job}/agreement", AgreementAsync).WithTags("Workers").WithProblems().For(Role.Viewer)
            .WithSummary("How far workers agree (Krippendorff's alpha), in the job, by class and by day");
    }

    private static async Task<Results<Accepted<ModelResponse>, ProblemHttpResult>> StartAsync(string job, ReliabilityRequest request, IGrainFactory grains)
    {
        var (settings, problems) = request.Read();
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var registry = grains.GetReliability(info);
        var start = request.Start?.Model;
        if (await (start is { } earlier ? registry.StartAsync(settings, earlier) : registry.StartAsync(settings)) is not { } model) return Problem.NoJob(job);
        return model.Settings == settings && (start is null || model.BeginsFrom == start)
            ? TypedResults.Accepted($"/v1/jobs/{info.Name}/reliability/{model.Number}", ModelResponse.Of(model, info))
            : Problem.Conflict($"Model {model.Number} of job '{info.Name}' is being estimated with other settings. Ask again once it is done.");
    }

    private static async Task<Results<Ok<ModelsResponse>, ProblemHttpResult>> ListAsync(string job, IGrainFactory grains) => await grains.FindJobAsync(job) is { } info
        ? TypedResults.Ok(new ModelsResponse([.. (await grains.GetReliability(info).ListAsync()).Select(model => ModelResponse.Of(model, info))]))
        : Problem.NoJob(job);

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> GetAsync(
        string job, int model, IGrainFactory grains, ModelStore models, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (await grains.GetReliability(info).GetAsync(model) is not { } found) return NoModel(info, model);
        return TypedResults.Ok(ModelResponse.Of(found, info, found.Result is { } result ? await models.ReadAsync(info.Incarnation, result.Name, cancellation) : null));
    }

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> CancelAsync(string job, int model, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        return await grains.GetReliability(info).CancelAsync(model) switch
        {
            null => NoModel(info, model),
            { State: ModelState.Cancelled } cancelled => TypedResults.Ok(ModelResponse.Of(cancelled, info)),
            { State: ModelState.Failed } => Problem.Conflict($"Model {model} of job '{info.Name}' has failed already."),
            _ => Problem.Conflict($"Model {model} of job '{info.Name}' is done. Models that are done are kept: another one, or none, is adopted by PATCH of the job."),
        };
    }

    private static ProblemHttpResult NoModel(JobInfo job, int model) => Problem.NotFound($"Job '{job.Name}' has no reliability model {model}.");

    private static async Task<Results<Ok<JobAgreementResponse>, ProblemHttpResult>> AgreementAsync(string job, IGrainFactory grains) =>
        await grains.FindJobAsync(job) is { } info && await grains.GetClasses(info).GetAgreementAsync() is { } classes
            ? TypedResults.Ok(JobAgreementResponse.Of(classes)) : Problem.NoJob(job);
}

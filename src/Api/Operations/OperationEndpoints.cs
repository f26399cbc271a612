using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Long work in the background. It is told of for a while after its end, also where the job is deleted.</summary>
internal static class OperationEndpoints
{
    /// <summary>
    /// What a call waits for an operation before it answers 202: shorter than load balancers and clients wait for an answer.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        var operations = app.MapGroup("/v1/jobs/{job}/operations").WithTags("Operations").WithProblems().For(Role.Viewer);
        operations.MapGet("/", ListAsync).WithSummary("Long work on the job: what has not ended, and the last that has");
        operations.MapGet("/{operation}", GetAsync).WithSummary("How far an operation is");
    }

    public static string PathOf(JobName job, Operation operation) => $"/v1/jobs/{job}/operations/{operation.Id}";

    public static IOperationsGrain GetOperations(this IGrainFactory grains, JobName job) => grains.GetGrain<IOperationsGrain>(job.Key);

    /// <summary>202, with the place where the operation's progress can be read.</summary>
    public static Accepted<OperationResponse> Accepted(JobName job, Operation operation) =>
        TypedResults.Accepted(PathOf(job, operation), OperationResponse.Of(operation));

    /// <summary>How long the caller wants to wait: not at all with <c>Prefer: respond-async</c> (RFC 7240).</summary>
    public static TimeSpan PatienceOf(HttpRequest request) =>
        request.Headers["Prefer"].Any(preference => preference?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) is true) ? TimeSpan.Zero : Patience;

    private static async Task<Results<Ok<OperationsResponse>, ProblemHttpResult>> ListAsync(string job, IGrainFactory grains)
    {
        if (!JobName.TryCreate(job, out var name, out _)) return Problem.NoJob(job);
        var operations = await grains.GetOperations(name).ListAsync();
        if (operations.IsEmpty && await grains.FindJobAsync(job) is null) return Problem.NoJob(job);
        return TypedResults.Ok(new OperationsResponse([.. operations.Select(OperationResponse.Of)]));
    }

    private static async Task<Results<Ok<OperationResponse>, ProblemHttpResult>> GetAsync(string job, string operation, IGrainFactory grains) =>
        JobName.TryCreate(job, out var name, out _) && await grains.GetOperations(name).GetAsync(operation) is { } found
            ? TypedResults.Ok(OperationResponse.Of(found))
            : Problem.NotFound($"Job '{job}' has no operation '{operation}', or it ended long ago.");
}

using BulkQA.Silo;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <param name="Items">A sample where there are many.</param>
public sealed record DeadLettersResponse(IReadOnlyList<DeadLetter> Items);

/// <param name="Ids">Which messages; none: all that are found.</param>
public sealed record RedriveRequest(IReadOnlyList<string>? Ids);

public sealed record RedriveResponse(int Redriven);

/// <summary>Messages that could not be taken, with their reasons. Without a queue (embedded) there are none.</summary>
internal static class DeadLetterEndpoints
{
    private const int MaxListed = 100;
    private const int MaxRedriven = 10_000;

    public static void MapDeadLetters(this IEndpointRouteBuilder app)
    {
        var letters = app.MapGroup("/v1/dead-letters").WithTags("Dead letters").WithProblems().For(Role.Operator);
        letters.MapGet("/", ListAsync).WithSummary("Messages from the vote queue that could not be taken, with the reason of each");
        letters.MapPost("/redrive", RedriveAsync).Records("redriveDeadLetters").WithSummary("Sends dead letters back to the vote queue; harmless to repeat");
    }

    private static async Task<Results<Ok<DeadLettersResponse>, ProblemHttpResult>> ListAsync(
        IServiceProvider services, CancellationToken cancellation, int limit = 20)
    {
        if (Problem.OfLimit(limit, MaxListed) is { } beyond) return beyond;
        return TypedResults.Ok(new DeadLettersResponse(
            services.GetService<DeadLetters>() is { } queue ? await queue.ListAsync(limit, cancellation) : []));
    }

    private static async Task<Ok<RedriveResponse>> RedriveAsync(
        IServiceProvider services, CancellationToken cancellation, RedriveRequest? request = null) =>
        TypedResults.Ok(new RedriveResponse(services.GetService<DeadLetters>() is { } queue
            ? await queue.RedriveAsync(request?.Ids?.ToHashSet(), MaxRedriven, cancellation) : 0));
}

using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <param name="Accepted">Votes that are durable now, whether new or seen before.</param>
/// <param name="Rejected">The first 1,000, in no order.</param>
public sealed record VotesSummary(long Accepted, long RejectedCount, IReadOnlyList<RejectedVote> Rejected)
{
    public const int MaxListed = 1_000;
}

/// <param name="Index">The vote's place in the request, from 0.</param>
public sealed record RejectedVote(long Index, string Reason);

internal static class VoteEndpoints
{
    public static void MapVotes(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/jobs/{job}/votes", VoteAsync).WithTags("Votes").WithProblems()
            .WithSummary("Votes image by image, as NDJSON or a JSON array; 200 when durable; repeating is harmless")
            .Accepts<IReadOnlyList<VoteRequest>>("application/json", "application/x-ndjson")
            .WithMetadata(new UnlimitedBody());

    private static async Task<Results<Ok<VotesSummary>, ProblemHttpResult>> VoteAsync(
        string job, HttpRequest request, IGrainFactory grains, AnswerRouter router, TimeProvider time, CancellationToken cancellation)
    {
        IAsyncEnumerable<JsonRecord>? records = Body.MediaTypeOf(request) switch
        {
            "application/json" => JsonArrays.ReadAsync(request.Body, cancellation),
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" =>
                JsonLines.ReadAsync(request.Body, cancellation),
            _ => null,
        };
        if (records is null) return Problem.MediaType("application/json (an array) or application/x-ndjson", request.ContentType);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed.");
        var intake = new VoteIntake(info, grains.GetClasses(info), router, time);
        try
        {
            await foreach (var record in records) await intake.AddAsync(record);
            return TypedResults.Ok(await intake.FinishAsync());
        }
        catch (BadInputException e)
        {
            return Problem.Invalid($"{e.Message} Votes before that may count; sending them again is harmless.");
        }
        catch (JobGoneException e)
        {
            return Problem.Deleted(e.Job);
        }
    }
}

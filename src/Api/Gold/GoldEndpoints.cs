using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>A gold image, and what workers said of it wherever it was shown.</summary>
/// <param name="Confidence">In percent; null where the corpus gave none.</param>
/// <param name="Gold"><c>right</c> or <c>wrong</c>: what is known of its label.</param>
/// <param name="Confirms">Votes that count, in all tasks that show it.</param>
/// <param name="Disconfirms">The same.</param>
/// <param name="Doubtful">Whether most of these votes, of three at least, contradict what is taken to be known.</param>
public sealed record GoldImageResponse(string ImageUrl, string Label, double? Confidence, string Gold, long Confirms, long Disconfirms, bool Doubtful);

internal static class GoldEndpoints
{
    private const int MaxPage = 1_000;

    /// <summary>Images one page looks at before it ends, short if need be.</summary>
    private const int MaxScanned = 5_000;

    public static void MapGold(this IEndpointRouteBuilder app) => app.MapGet("/v1/jobs/{job}/gold", ListAsync).WithTags("Workers").WithProblems().For(Role.Viewer)
        .WithSummary("The job's gold images with the votes on each; `doubtful=true` lists those that most votes contradict");

    private static async Task<Results<Ok<Page<GoldImageResponse>>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, ImageReader reader, CancellationToken cancellation, string? label = null, bool doubtful = false, int limit = 100, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (OptionalLabel.Read(label, out var only) is { } invalid) return invalid;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var boundTo = $"{info.Incarnation} gold";
        var (page, scanned) = (new List<GoldImageResponse>(), 0);
        var (counted, counts) = (default(Label?), new Dictionary<GoldPlace, GoldCount>());
        await foreach (var (position, image) in reader.ReadGoldAsync(info, only, ImagePosition.Read(cursor, boundTo), cancellation))
        {
            if (page.Count == limit || scanned++ >= MaxScanned) return TypedResults.Ok(new Page<GoldImageResponse>(page, position.Write(boundTo)));
            if (counted != position.Label)
            {
                counts = (await grains.GetGrain<IClassGrain>(new ClassAddress(info.Incarnation, position.Label).Key).CountGoldAsync()).ToDictionary(count => count.Gold);
                counted = position.Label;
            }
            var shown = Of(image, position.Label, counts.GetValueOrDefault(new GoldPlace(new TaskNumber(position.Task), position.Index)));
            if (!doubtful || shown.Doubtful) page.Add(shown);
        }
        return TypedResults.Ok(new Page<GoldImageResponse>(page, null));
    }

    private static GoldImageResponse Of(CorpusImage image, Label label, GoldCount votes)
    {
        var isRight = image.Gold!.Value.IsRight;
        return new GoldImageResponse(image.Url.Value, label.Value, image.Confidence?.Value, GoldName.Of(isRight)!, votes.Confirms, votes.Disconfirms, votes.IsDoubtful(isRight));
    }
}

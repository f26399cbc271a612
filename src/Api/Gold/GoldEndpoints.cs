using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
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
        string job, IGrainFactory grains, IFactStore facts, CancellationToken cancellation, string? label = null, bool doubtful = false, int limit = 100, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
        Label? only = null;
        if (label is not null)
        {
            if (!Label.TryCreate(label, out var named, out var problem)) return Problem.Invalid($"label: {problem}");
            only = named;
        }
        if (await grains.FindJobAsync(job) is not { } info || await grains.GetClasses(info).ListAsync() is not { } labels) return Problem.NoJob(job);
        var boundTo = $"{info.Incarnation} gold";
        var (from, task, index) = (default(Label?), 0, 0);
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 3) is not [var name, var number, var place] || !Label.TryCreate(name, out var at, out _)
                || !int.TryParse(number, CultureInfo.InvariantCulture, out task) || !int.TryParse(place, CultureInfo.InvariantCulture, out index))
                return Problem.Invalid("cursor: not one of this list");
            from = at;
        }
        var (page, scanned) = (new List<GoldImageResponse>(), 0);
        foreach (var of in labels.Where(of => (only is null || of == only) && (from is null || of >= from)))
        {
            var address = new ClassAddress(info.Incarnation, of);
            var grain = grains.GetGrain<IClassGrain>(address.Key);
            if (!await grain.HasGoldAsync()) continue;
            var counts = (await grain.CountGoldAsync()).ToDictionary(count => count.Gold);
            var (firstTask, firstIndex) = of == from ? (task, index) : (0, 0);
            await foreach (var content in facts.ReadTasksAsync(PartitionAddress.GoldOf(address), new TaskNumber(firstTask), new TaskNumber(int.MaxValue), cancellation))
            {
                for (var image = content.Number.Value == firstTask ? firstIndex : 0; image < content.Images.Length; image++)
                {
                    if (page.Count == limit || scanned++ >= MaxScanned)
                        return TypedResults.Ok(new Page<GoldImageResponse>(page, Cursor.Write(boundTo, of.Value, content.Number.ToString(), image.ToString(CultureInfo.InvariantCulture))));
                    var shown = Of(content.Images[image], of, counts.GetValueOrDefault(new GoldPlace(content.Number, image)));
                    if (!doubtful || shown.Doubtful) page.Add(shown);
                }
            }
        }
        return TypedResults.Ok(new Page<GoldImageResponse>(page, null));
    }

    private static GoldImageResponse Of(CorpusImage image, Label label, GoldCount votes)
    {
        var isRight = image.Gold!.Value.IsRight;
        return new GoldImageResponse(image.Url.Value, label.Value, image.Confidence?.Value, GoldName.Of(isRight)!, votes.Confirms, votes.Disconfirms, votes.IsDoubtful(isRight));
    }
}

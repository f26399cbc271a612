using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

internal static class ImageEndpoints
{
    private const int MaxPage = 1_000;
    private const string UrlCursor = "url:";

    public static void MapImages(this IEndpointRouteBuilder app)
    {
        var images = app.MapGroup("/v1").WithTags("Images").WithProblems().For(Role.Viewer);
        images.MapGet("/jobs/{job}/images", ListAsync)
            .WithSummary("A job's images, by label, verdict, confidence bucket, worker, posterior, text of the address and problem (unseen: the picture could not be shown to one worker at least)")
            .WithDescription("`sort` is `confidence` (greatest first), `disagreement` (share of pairs of votes that differ) or `value`: what a decision is worth, Split first, then by how near the posterior is to one half, then what was disconfirmed by its confidence; what is adjudicated comes last. Without it, images come as they were cut into tasks. `text` finds addresses that contain it, in upper or lower case; orders do not know addresses, so it is refused beside `sort`. A page looks at 5,000 images at most: it may be short, or empty, and still have a `nextCursor`.");
        images.MapGet("/jobs/{job}/image", GetAsync).WithSummary("One image of a job");
        images.MapGet("/jobs/{job}/image/history", GetHistoryAsync).WithSummary("One image of a job with every answer that was ever given to it, what was adjudicated, and whose votes are set aside");
        images.MapGet("/images", FindAsync).TellsOfJobs().WithSummary("One image across all jobs (the index may lag; the answers are current)");
    }

    private static async Task<Results<Ok<Page<ImageResponse>>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, ImageQuery query, ImageRanking ranking, CancellationToken cancellation,
        string? label = null, string? verdict = null, string? bucket = null, string? problem = null, string? worker = null,
        double? posteriorFrom = null, double? posteriorTo = null, string? text = null, string? sort = null, int limit = 100, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var (filter, invalid) = ImageFilter.Read(info.Settings, label, verdict, bucket, problem, worker, posteriorFrom, posteriorTo, text);
        if (filter is null) return invalid!;
        if (filter.Text is not null && sort is not null) return Problem.Invalid("text: can't be had together with sort; leave one of them out");
        if (sort is null) return TypedResults.Ok(await query.PageAsync(info, filter, limit, cursor, cancellation));
        ImageOrder? order = sort switch { "confidence" => ImageOrder.Confidence, "disagreement" => ImageOrder.Disagreement, "value" => ImageOrder.Value, _ => null };
        return order is { } known
            ? TypedResults.Ok(await ranking.PageAsync(info, filter, known, limit, cursor, cancellation))
            : Problem.Invalid($"sort: '{sort}' is none of confidence, disagreement, value");
    }

    private static async Task<Results<Ok<ImageResponse>, ProblemHttpResult>> GetAsync(
        string job, string? url, string? label, IGrainFactory grains, JobRules rules)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!TryRead(info, url, label, out var address, out var problem)) return problem;
        return await grains.GetImage(address).GetAsync() is { } image ? TypedResults.Ok(ImageResponse.Of(image, address.Class.Label, await rules.OfAsync(info))) : NoImage(info, address);
    }

    private static async Task<Results<Ok<ImageHistoryResponse>, ProblemHttpResult>> GetHistoryAsync(
        string job, string? url, string? label, IGrainFactory grains, JobRules rules)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!TryRead(info, url, label, out var address, out var problem)) return problem;
        return await grains.GetImage(address).GetHistoryAsync() is { } history
            ? TypedResults.Ok(ImageHistoryResponse.Of(history, address.Class.Label, info, await rules.OfAsync(info), await grains.GetJob(info).GetDecisionsAsync(info.Incarnation))) : NoImage(info, address);
    }

    private static async Task<Results<Ok<Page<JobImageResponse>>, ProblemHttpResult>> FindAsync(
        string? url, IGrainFactory grains, IFactStore facts, JobRules rules, ClaimsPrincipal caller, CancellationToken cancellation, int limit = 100, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (!ImageUrl.TryCreate(url, out var imageUrl, out var problem)) return Problem.Invalid($"url: {problem}");
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, UrlCursor + imageUrl, 1) is not [var position]) return Problem.Invalid("cursor: not one of this listing");
            after = position;
        }
        // Imported as the object it is, or as the web address, where a job names the host.
        var normal = ImageUrl.Create(S3Address.Normalize(imageUrl.Value));
        if (normal != imageUrl && (await facts.FindAsync(imageUrl, null, 1, cancellation)).Classes.Count == 0) imageUrl = normal;
        var page = await facts.FindAsync(imageUrl, after, limit, cancellation);
        var images = new List<JobImageResponse>();
        foreach (var address in page.Classes.Where(address => caller.MayUse(address.Incarnation.Job.Key)))
        {
            // Facts of a job that is being deleted are still there for a while.
            var job = await grains.GetGrain<IJobGrain>(address.Incarnation.Job.Key).GetAsync(address.Incarnation);
            if (job is not null && await grains.GetImage(new ImageAddress(address, imageUrl)).GetAsync() is { } image)
                images.Add(new JobImageResponse(job.Name.Value, ImageResponse.Of(image, address.Label, await rules.OfAsync(job))));
        }
        return TypedResults.Ok(new Page<JobImageResponse>(
            images, page.Next is null ? null : Cursor.Write(UrlCursor + imageUrl, page.Next)));
    }

    /// <summary>Reads which image of a job a query means.</summary>
    public static bool TryRead(JobInfo job, string? url, string? label, out ImageAddress address, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        address = default;
        problem = null;
        if (!ImageUrl.TryCreate(url is null ? null : S3Address.Normalize(url, job.Settings.PictureHosts), out var image, out var wrong)) problem = Problem.Invalid($"url: {wrong}");
        else if (!Label.TryCreate(label, out var name, out wrong)) problem = Problem.Invalid($"label: {wrong}");
        else address = new ImageAddress(new ClassAddress(job.Incarnation, name), image);
        return problem is null;
    }

    public static ProblemHttpResult NoImage(JobInfo job, ImageAddress address) =>
        Problem.NotFound($"Job '{job.Name}' has no image of that URL with the label '{address.Class.Label}'.");

    public static IImageGrain GetImage(this IGrainFactory grains, ImageAddress address) => grains.GetGrain<IImageGrain>(address.GrainKey);
}

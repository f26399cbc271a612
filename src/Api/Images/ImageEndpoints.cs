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

    /// <summary>The problem that images are listed by.</summary>
    public const string Unseen = "unseen";

    public static void MapImages(this IEndpointRouteBuilder app)
    {
        var images = app.MapGroup("/v1").WithTags("Images").WithProblems().For(Role.Viewer);
        images.MapGet("/jobs/{job}/images", ListAsync).WithSummary("A job's images, by label, verdict, confidence bucket and problem (unseen: the picture could not be shown to one worker at least)");
        images.MapGet("/jobs/{job}/image", GetAsync).WithSummary("One image of a job");
        images.MapGet("/jobs/{job}/image/history", GetHistoryAsync).WithSummary("One image of a job with every answer that was ever given to it, what was adjudicated, and whose votes are set aside");
        images.MapGet("/images", FindAsync).WithSummary("One image across all jobs (the index may lag; the answers are current)");
    }

    private static async Task<Results<Ok<Page<ImageResponse>>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, ImageQuery query, CancellationToken cancellation,
        string? label = null, string? verdict = null, string? bucket = null, string? problem = null, int limit = 100, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!TryReadVerdict(verdict, out var wanted)) return UnknownVerdict(verdict!);
        if (!TryReadProblem(problem, out var unseen)) return UnknownProblem(problem!);
        var edges = info.Settings.BucketEdges;
        var index = bucket is null ? null : edges.Find(bucket);
        if (bucket is not null && index is null)
            return Problem.Invalid($"bucket: '{bucket}' is none of {string.Join(", ", Enumerable.Range(0, edges.BucketCount).Select(edges.NameOf))}");
        Label? name = null;
        if (label is not null)
        {
            if (!Label.TryCreate(label, out var given, out var invalid)) return Problem.Invalid($"label: {invalid}");
            name = given;
        }
        return TypedResults.Ok(await query.PageAsync(info, new ImageFilter(name, wanted, index, unseen), limit, cursor, cancellation));
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
            ? TypedResults.Ok(ImageHistoryResponse.Of(history, address.Class.Label, info, await rules.OfAsync(info))) : NoImage(info, address);
    }

    private static async Task<Results<Ok<Page<JobImageResponse>>, ProblemHttpResult>> FindAsync(
        string? url, IGrainFactory grains, IFactStore facts, JobRules rules, ClaimsPrincipal caller, CancellationToken cancellation, int limit = 100, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
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

    /// <summary>Null, a verdict, or <c>incorrect</c> (Disconfirmed or Split) or <c>reviewed</c> (all but Unreviewed); in any case.</summary>
    public static bool TryReadVerdict(string? text, out Predicate<Verdict>? wanted)
    {
        wanted = null;
        if (text is null) return true;
        if (text.Equals("incorrect", StringComparison.OrdinalIgnoreCase)) wanted = found => found is Verdict.Disconfirmed or Verdict.Split;
        else if (text.Equals("reviewed", StringComparison.OrdinalIgnoreCase)) wanted = found => found != Verdict.Unreviewed;
        else if (!text.All(char.IsAsciiDigit) && Enum.TryParse<Verdict>(text, ignoreCase: true, out var verdict)) wanted = found => found == verdict;
        return wanted is not null;
    }

    /// <summary>Null, or <c>unseen</c>: images whose picture could not be shown to one worker at least, by the answers that stand.</summary>
    public static bool TryReadProblem(string? text, out bool unseen)
    {
        unseen = text is Unseen;
        return unseen || text is null;
    }

    public static ProblemHttpResult UnknownProblem(string problem) => Problem.Invalid($"problem: '{problem}' is not {Unseen}");

    public static ProblemHttpResult UnknownVerdict(string verdict) =>
        Problem.Invalid($"verdict: '{verdict}' is none of {string.Join(", ", Enum.GetNames<Verdict>())}, incorrect, reviewed");
}

using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>
/// Serves the pictures of a job to its pages. URLs come from corpora and are hostile: only objects below the job's image
/// base are read, only as one of a few picture types, and a picture opened by itself can run nothing.
/// </summary>
internal static class Pictures
{
    private static readonly Dictionary<string, string> _types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".png"] = "image/png",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".avif"] = "image/avif",
        [".bmp"] = "image/bmp",
        [".svg"] = "image/svg+xml",
    };

    public static void MapPictures(this IEndpointRouteBuilder app) =>
        app.MapGet("/jobs/{job}/picture", GetAsync).ExcludeFromDescription().For(Role.Anyone);

    /// <summary>Where a page finds the picture of an image.</summary>
    public static string PathOf(string job, string imageUrl) => $"/jobs/{Uri.EscapeDataString(job)}/picture?url={Uri.EscapeDataString(imageUrl)}";

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetAsync(
        string job, string? url, IGrainFactory grains, IObjectStore store, ImageBases bases, HttpResponse response, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (url is null || !url.StartsWith(info.Settings.ImageBase, StringComparison.Ordinal) || !ObjectUri.TryParse(url, out var uri) || bases.IsOwn(uri))
            return Problem.NotFound($"Pictures of job '{info.Name}' lie below {info.Settings.ImageBase}; this URL does not.");
        if (!_types.TryGetValue(Path.GetExtension(uri.Key), out var type))
            return Problem.NotFound($"'{Path.GetExtension(uri.Key)}' is no picture type that is served.");
        if (await store.OpenReadAsync(uri, cancellation) is not { } content)
            return Problem.NotFound($"There is no picture at {url}.");
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        response.Headers.CacheControl = "private, max-age=300";
        return TypedResults.Stream(content, type);
    }
}

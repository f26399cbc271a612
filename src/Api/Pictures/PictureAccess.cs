using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// What a worker's browser reads a picture by: a URL of the store itself, signed for a short while, where the store gives
/// such; a path of ours otherwise. Only pictures below the job's image base are ever signed,
/// and none of BulkQA's own objects.
/// </summary>
internal sealed class PictureAccess(IObjectStore store, ImageBases bases)
{
    /// <summary>Longer than a task is kept for a worker, and no longer than that takes.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(15);

    public string UrlOf(JobInfo job, string imageUrl) => Sign(job, imageUrl)?.AbsoluteUri ?? Pictures.PathOf(job.Name.Value, imageUrl);

    /// <summary>Where signed URLs of the job point to; null where pictures come from us.</summary>
    public string? OriginOf(JobInfo job) => Sign(job, $"{job.Settings.ImageBase}x")?.GetLeftPart(UriPartial.Authority);

    private Uri? Sign(JobInfo job, string imageUrl)
    {
        if (!imageUrl.StartsWith(job.Settings.ImageBase, StringComparison.Ordinal) || !ObjectUri.TryParse(imageUrl, out var uri) || bases.IsOwn(uri)) return null;
        try
        {
            return store.Presign(uri, _lifetime);
        }
        // URLs come from corpora: one that is no canonical path gets no picture, and the task is still shown.
        catch (BadInputException)
        {
            return null;
        }
    }
}

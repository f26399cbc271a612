using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// What a browser reads a picture by: a path of ours, which gives it in the size of a card; the URL itself where it is
/// <c>https</c> and of a host that the job names. A picture in its full size comes from the store itself, by a URL that is
/// signed for a short while, where the store gives such. Only pictures below the job's image base are ever signed, and none
/// of BulkQA's own objects.
/// </summary>
internal sealed class PictureAccess(IObjectStore store, ImageBases bases, PictureDecoder decoder)
{
    /// <summary>Longer than a task is kept for a worker, and no longer than that takes.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(15);

    /// <summary>For a card.</summary>
    public string UrlOf(JobInfo job, string imageUrl) =>
        decoder.IsAvailable && !job.Settings.PictureHosts.Holds(imageUrl) ? Pictures.CardPathOf(job.Name.Value, imageUrl) : OriginalOf(job, imageUrl);

    /// <summary>In its full size.</summary>
    public static string OriginalOf(JobInfo job, string imageUrl) =>
        job.Settings.PictureHosts.Holds(imageUrl) ? imageUrl : Pictures.PathOf(job.Name.Value, imageUrl);

    /// <summary>Whether pages of the job show what lies there: below its image base and none of BulkQA's own, or of a host that the job names.</summary>
    public bool MayShow(JobInfo job, ImageUrl url) => job.Settings.PictureHosts.Holds(url.Value)
        || (url.Value.StartsWith(job.Settings.ImageBase, StringComparison.Ordinal) && ObjectUri.TryParse(url.Value, out var uri) && !bases.IsOwn(uri));

    /// <summary>Where pages of the job may load pictures from, besides from us.</summary>
    public IEnumerable<string> OriginsOf(JobInfo job) =>
        [.. Sign(job, $"{job.Settings.ImageBase}x") is { } signed ? (string[])[signed.GetLeftPart(UriPartial.Authority)] : [], .. job.Settings.PictureHosts.Origins];

    /// <summary>A URL of the store itself; null where it gives none, or not this one.</summary>
    public Uri? Sign(JobInfo job, ObjectUri uri)
    {
        if (!uri.ToString().StartsWith(job.Settings.ImageBase, StringComparison.Ordinal) || bases.IsOwn(uri)) return null;
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

    private Uri? Sign(JobInfo job, string imageUrl) => ObjectUri.TryParse(imageUrl, out var uri) ? Sign(job, uri) : null;
}

using System.Text;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>The pictures of sample jobs, where jobs have theirs.</summary>
internal static class SamplePictures
{
    /// <summary>Writes those that are not there yet.</summary>
    public static async Task WriteMissingAsync(this IObjectStore store, JobInfo job, IEnumerable<SampleImage> images, CancellationToken cancellation)
    {
        foreach (var image in images)
        {
            _ = ObjectUri.TryParse(job.Settings.ImageBase + image.Path, out var uri);
            await using var existing = await store.OpenReadAsync(uri, cancellation);
            if (existing is null) await store.WriteAsync(uri, Encoding.UTF8.GetBytes(image.Svg), cancellation);
        }
    }
}

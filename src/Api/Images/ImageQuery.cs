using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Pages of a job's images without gold.</summary>
internal sealed class ImageQuery(ImageReader reader, JobRules jobRules)
{
    /// <summary>Images one page looks at before it ends, short if need be.</summary>
    private const int MaxScanned = 5_000;

    /// <param name="job">Whose images.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="limit">Images on a page at most.</param>
    /// <param name="cursor">Null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="BadInputException">The cursor is not one of this job's.</exception>
    public async Task<Page<ImageResponse>> PageAsync(
        JobInfo job, ImageFilter filter, int limit, string? cursor, CancellationToken cancellation)
    {
        var from = ImagePosition.Read(cursor, job.Incarnation.Value);
        var rules = await jobRules.OfAsync(job);
        var images = new List<ImageResponse>();
        var scanned = 0;
        await foreach (var (position, image) in reader.ReadAsync(job, filter.Label, from, cancellation))
        {
            if (images.Count == limit || scanned >= MaxScanned) return new Page<ImageResponse>(images, position.Write(job.Incarnation.Value));
            scanned++;
            if (filter.Fits(image, job.Settings.BucketEdges, rules)) images.Add(ImageResponse.Of(image, position.Label, rules));
        }
        return new Page<ImageResponse>(images, null);
    }

    /// <summary>Every image of a job but gold.</summary>
    public async IAsyncEnumerable<ImageResponse> AllAsync(JobInfo job, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rules = await jobRules.OfAsync(job);
        await foreach (var (position, image) in reader.ReadAsync(job, null, null, cancellation)) yield return ImageResponse.Of(image, position.Label, rules);
    }
}

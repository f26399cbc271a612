using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>What images of a job can have beside what all have. Tables have a column for it only then, and other forms a field.</summary>
/// <param name="Versions">The version of the model that gave the label.</param>
/// <param name="Posteriors">The probability that the label is right, under the adopted reliability model.</param>
/// <param name="SetAside">How many votes do not count, because their workers are set aside.</param>
/// <param name="Weights">For how many images a reviewed one stands, of jobs whose buckets are reviewed unlike.</param>
internal readonly record struct ExportColumns(bool Versions, bool Posteriors, bool SetAside, bool Weights)
{
    public static ExportColumns Of(JobInfo job, bool hasVersions) => new(hasVersions, job.Model is not null, !job.SetAside.IsEmpty, job.HasUnevenBuckets);

    /// <summary>How many votes on the image do not count.</summary>
    public static int CountSetAside(ImageResponse image) => image.Votes.Count(vote => vote.SetAside);
}

/// <summary>One form in which a job's images go to another tool. Written as a stream, in bounded memory.</summary>
internal interface IExportFormat
{
    /// <summary>Its name in <c>?format=</c>.</summary>
    string Name { get; }

    string MediaType { get; }

    /// <summary>Of the file that a browser saves, without the dot.</summary>
    string Extension { get; }

    /// <summary>Writes all images in their order.</summary>
    /// <param name="job">Theirs.</param>
    /// <param name="images">As <c>GET …/images</c> gives them.</param>
    /// <param name="columns">What tables have columns for beside those that they always have.</param>
    /// <param name="body">Takes what is written.</param>
    /// <param name="cancellation">Ends it.</param>
    Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation);
}

using BulkQA.Grains;

namespace BulkQA.Api;

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
    /// <param name="hasVersions">Whether any of them may have a model version: tables have a column for it only then.</param>
    /// <param name="body">Takes what is written.</param>
    /// <param name="cancellation">Ends it.</param>
    Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, bool hasVersions, Stream body, CancellationToken cancellation);
}

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
    Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, Stream body, CancellationToken cancellation);
}

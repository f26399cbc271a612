using System.Text.Json;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>An image a line, as <c>GET …/images</c> gives it.</summary>
internal sealed class NdJsonExport : IExportFormat
{
    public string Name => "ndjson";

    public string MediaType => "application/x-ndjson";

    public string Extension => "ndjson";

    public Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation) => WriteAsync(images, body, cancellation);

    public static async Task WriteAsync<T>(IAsyncEnumerable<T> objects, Stream body, CancellationToken cancellation)
    {
        await foreach (var value in objects)
        {
            await JsonSerializer.SerializeAsync(body, value, ApiJson.Options, cancellation);
            await body.WriteAsync("\n"u8.ToArray(), cancellation);
        }
    }
}

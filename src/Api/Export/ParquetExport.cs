using BulkQA.Corpora;
using BulkQA.Grains;
using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Api;

/// <summary>The columns of the CSV as Parquet. A file is finished at its end, so it is made on disk and sent from there.</summary>
internal sealed class ParquetExport : IExportFormat
{
    private const int RowsPerGroup = 50_000;

    public string Name => "parquet";

    public string MediaType => "application/vnd.apache.parquet";

    public string Extension => "parquet";

    public async Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, bool hasVersions, Stream body, CancellationToken cancellation)
    {
        await using var file = TemporaryFile.Create("export");
        Column[] columns =
        [
            new Column<string>("s3_image_url"), new Column<string>("label"), new Column<double?>("confidence"), new Column<int>("WorkerConfirmCount"),
            new Column<int>("WorkerDisconfirmCount"), new Column<string>("Verdict"), .. hasVersions ? [new Column<string>("model_version")] : (Column[])[],
        ];
        using (var output = new ManagedOutputStream(file, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, columns, Compression.Zstd))
        {
            await foreach (var rows in images.Chunk(RowsPerGroup).WithCancellation(cancellation)) WriteGroup(writer, rows, hasVersions);
            writer.Close();
        }
        file.Position = 0;
        await file.CopyToAsync(body, cancellation);
    }

    private static void WriteGroup(ParquetFileWriter writer, ImageResponse[] rows, bool hasVersions)
    {
        using var group = writer.AppendRowGroup();
        Write(image => image.ImageUrl);
        Write(image => image.Label);
        Write(image => image.Confidence);
        Write(image => image.Confirms);
        Write(image => image.Disconfirms);
        Write(image => image.Verdict.ToString());
        if (hasVersions) Write(image => image.ModelVersion);

        void Write<T>(Func<ImageResponse, T> value)
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch(Array.ConvertAll(rows, image => value(image)));
        }
    }
}

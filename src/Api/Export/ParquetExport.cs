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

    public async Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation)
    {
        await using var file = TemporaryFile.Create("export");
        Column[] header =
        [
            new Column<string>("s3_image_url"), new Column<string>("label"), new Column<double?>("confidence"), new Column<int>("WorkerConfirmCount"),
            new Column<int>("WorkerDisconfirmCount"), new Column<string>("Verdict"), .. Further(columns),
        ];
        using (var output = new ManagedOutputStream(file, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, header, Compression.Zstd))
        {
            await foreach (var rows in images.Chunk(RowsPerGroup).WithCancellation(cancellation)) WriteGroup(writer, rows, columns);
            writer.Close();
        }
        file.Position = 0;
        await file.CopyToAsync(body, cancellation);
    }

    private static IEnumerable<Column> Further(ExportColumns columns)
    {
        if (columns.Versions) yield return new Column<string>("model_version");
        if (columns.Posteriors) yield return new Column<double?>("posterior");
        if (columns.SetAside) yield return new Column<int>("votes_set_aside");
        if (columns.Weights) yield return new Column<double?>("weight");
    }

    private static void WriteGroup(ParquetFileWriter writer, ImageResponse[] rows, ExportColumns columns)
    {
        using var group = writer.AppendRowGroup();
        Write(image => image.ImageUrl);
        Write(image => image.Label);
        Write(image => image.Confidence);
        Write(image => image.Confirms);
        Write(image => image.Disconfirms);
        Write(image => image.Verdict.ToString());
        if (columns.Versions) Write(image => image.ModelVersion);
        if (columns.Posteriors) Write(image => image.Posterior);
        if (columns.SetAside) Write(ExportColumns.CountSetAside);
        if (columns.Weights) Write(image => image.Weight);

        void Write<T>(Func<ImageResponse, T> value)
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch(Array.ConvertAll(rows, image => value(image)));
        }
    }
}

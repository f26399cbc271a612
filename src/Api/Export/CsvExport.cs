using System.Globalization;
using System.Text;
using BulkQA.Grains;
using CsvHelper;
using CsvHelper.Configuration;

namespace BulkQA.Api;

/// <summary>An image a line, with the columns that the label table's readers know.</summary>
internal sealed class CsvExport : IExportFormat
{
    /// <summary>
    /// A spreadsheet runs what begins with one of these as a formula, and labels come from outside: such a value gets an
    /// apostrophe before it. The other formats have everything to the letter.
    /// </summary>
    private static readonly CsvConfiguration _csv = new(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape };

    public string Name => "csv";

    public string MediaType => "text/csv; charset=utf-8";

    public string Extension => "csv";

    public Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation)
    {
        return WriteAsync(
            body, ["s3_image_url", "label", "confidence", "WorkerConfirmCount", "WorkerDisconfirmCount", "Verdict", .. Further("model_version", "posterior", "votes_set_aside", "weight")],
            images.Select(image => (string[])[
                image.ImageUrl, image.Label, image.Confidence?.ToString("R", CultureInfo.InvariantCulture) ?? "", image.Confirms.ToString(CultureInfo.InvariantCulture),
                image.Disconfirms.ToString(CultureInfo.InvariantCulture), image.Verdict.ToString(),
                .. Further(image.ModelVersion ?? "", image.Posterior?.ToString("R", CultureInfo.InvariantCulture) ?? "", ExportColumns.CountSetAside(image).ToString(CultureInfo.InvariantCulture),
                    image.Weight?.ToString("R", CultureInfo.InvariantCulture) ?? ""),
            ]));

        IEnumerable<string> Further(string version, string posterior, string setAside, string weight)
        {
            if (columns.Versions) yield return version;
            if (columns.Posteriors) yield return posterior;
            if (columns.SetAside) yield return setAside;
            if (columns.Weights) yield return weight;
        }
    }

    public static async Task WriteAsync(Stream body, string[] header, IAsyncEnumerable<string[]> rows)
    {
        await using var text = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        await using var csv = new CsvWriter(text, _csv);
        await WriteRowAsync(csv, header);
        await foreach (var row in rows) await WriteRowAsync(csv, row);
    }

    private static Task WriteRowAsync(CsvWriter csv, string[] fields)
    {
        foreach (var field in fields) csv.WriteField(field);
        return csv.NextRecordAsync();
    }
}

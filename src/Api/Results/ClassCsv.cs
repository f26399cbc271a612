using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>The class table as CSV: a row a class, and four columns a bucket (six with intervals). Totals and averages are left to the reader.</summary>
internal static class ClassCsv
{
    public static Task WriteAsync(ClassTable table, bool hasIntervals, bool hasExpected, Stream body)
    {
        string[] interval = hasIntervals ? ["lower", "upper"] : [];
        string[] expected = hasExpected ? ["expectedCorrect", "expectedLower", "expectedUpper"] : [];
        string[] weighted = table.Classes.Any(row => row.Weighted is not null) ? ["weightedPercent", "weightedStandardError", "weightedLower", "weightedUpper"] : [];
        string[] about = hasIntervals ? ["level", "scope", "smallSample", "condition"] : [];
        string[] header =
        [
            "label", "total", "reviewed", "confirmed", "disconfirmed", "split", "correctPercent", .. interval, .. weighted, .. expected,
            .. table.Buckets.SelectMany(bucket => (string[])["total", "reviewed", "incorrect", "correctPercent", .. interval], (bucket, column) => $"{NameOf(bucket)} {column}"), .. about,
        ];
        var rows = table.Classes.Select(row => (string[])
        [
            row.Label!, Text(row.Total), Text(row.Reviewed), Text(row.Confirmed), Text(row.Disconfirmed), Text(row.Split), Text(row.CorrectPercent),
            .. Interval(row.Lower, row.Upper), .. Weighted(row.Weighted), .. Expected(row),
            .. row.Buckets.SelectMany(cell => (string[])[Text(cell.Total), Text(cell.Reviewed), Text(cell.Incorrect), Text(cell.CorrectPercent), .. Interval(cell.Lower, cell.Upper)]),
            .. hasIntervals ? [Text(table.Level), table.Scope ?? "", row.SmallSample ?? "", table.Condition ?? ""] : (string[])[],
        ]);
        return CsvExport.WriteAsync(body, header, rows.ToAsyncEnumerable());

        string[] Weighted(WeightedPercent? percent) => weighted.Length > 0 ? [Text(percent?.Percent), Text(percent?.StandardError), Text(percent?.Lower), Text(percent?.Upper)] : [];

        string[] Expected(ClassRow row) => hasExpected ? [Text(row.ExpectedCorrect), Text(row.ExpectedLower), Text(row.ExpectedUpper)] : [];

        string[] Interval(double? lower, double? upper) => hasIntervals ? [Text(lower), Text(upper)] : [];
    }

    private static string NameOf(BucketBounds bucket) => bucket.Kind ?? string.Create(CultureInfo.InvariantCulture, $"{bucket.From:R}-{bucket.To:R}");

    /// <summary>With every digit; empty for none.</summary>
    private static string Text<T>(T? number) where T : struct, IFormattable => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

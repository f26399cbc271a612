using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>The published table, its averages and thresholds, as the API gives them.</summary>
internal static class GoldenTable
{
    public static async Task AssertAsync(HttpClient http, string job)
    {
        var table = await http.GetJsonAsync($"/v1/jobs/{job}/classes?emptyAs=zero");
        Assert.Equal([(80.0, 85.0), (85, 90), (90, 95), (95, 100)], table.Items("buckets").Select(bucket => (bucket.GetProperty("from").GetDouble(), bucket.GetProperty("to").GetDouble())));
        Assert.Equal(
            Golden.Classes.Select(row => (row.Label, row.Confirmed + row.Disconfirmed + row.Split, row.Confirmed, row.Disconfirmed, row.Split)),
            table.Items("classes").Select(row => (row.String("label"), row.Int("total"), row.Int("confirmed"), row.Int("disconfirmed"), row.Int("split"))));
        Assert.Equal(Golden.Classes.SelectMany(row => row.Buckets), table.Items("classes").SelectMany(Cells));
        Assert.Equal([100.00, 23.53, 75.47, 93.51, 0.00], table.Items("classes").Select(Correct));
        var totals = table.GetProperty("totals");
        Assert.Equal((245, 173, 47, 25, 70.61), (totals.Int("total"), totals.Int("confirmed"), totals.Int("disconfirmed"), totals.Int("split"), Correct(totals)));
        Assert.Equal([(17, 7), (34, 15), (59, 11), (135, 39)], Cells(totals));
        var average = table.GetProperty("classAverage");
        Assert.Equal(58.50, Correct(average));
        Assert.Equal([52.50, 49.33, 58.55, 63.25], average.Items("buckets").Select(Correct));
        var present = (await http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("classAverage");
        Assert.Equal([65.62, 49.33, 73.18, 63.25], present.Items("buckets").Select(Correct));
        var thresholds = await http.GetJsonAsync($"/v1/jobs/{job}/thresholds?maxIncorrectPerCorrect=0.1");
        Assert.Equal(
            [("Crab", 80.0), ("Crawdad", null), ("Lobster", 95), ("Scorpion", 90), ("Shrimp", (double?)null)],
            thresholds.EnumerateArray().Select(row => (row.String("label"), row.GetProperty("threshold") is { ValueKind: JsonValueKind.Number } edge ? edge.GetDouble() : (double?)null)));
        var audit = await (await http.PostAsync($"/v1/jobs/{job}/audit", null, TestContext.Current.CancellationToken)).JsonAsync();
        Assert.Equal((245, 0), (audit.Int("images"), audit.Int("differences")));
    }

    private static IEnumerable<(int, int)> Cells(JsonElement row) => row.Items("buckets").Select(cell => (cell.Int("total"), cell.Int("incorrect")));

    private static double Correct(JsonElement row) => Math.Round(row.GetProperty("correctPercent").GetDouble(), 2);
}

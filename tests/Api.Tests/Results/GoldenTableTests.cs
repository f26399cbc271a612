using System.Globalization;
using System.Text;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api.Tests;

public sealed class GoldenTableTests(SharedApi api)
{
    /// <summary>The same figures from images of our own.</summary>
    [Fact]
    public async Task Classes_GoldenVerdicts_GiveTheGoldenTable()
    {
        var job = await api.Http.CreateJobAsync(new { minConfidence = 80 });
        var images = Golden.Images().ToList();
        var csv = new StringBuilder("confidence,s3_image_url,label\n");
        foreach (var image in images) csv.Append(CultureInfo.InvariantCulture, $"{image.Confidence},{image.Url},{image.Label}\n");
        csv.Append("79.9,s3://bulkqa/images/below.jpg,Crab\n");
        var summary = await api.Http.ImportAsync(job, csv.ToString());
        Assert.Equal((245, 1, 0), (summary.Int("accepted"), summary.Int("belowMinConfidence"), summary.Int("rejectedCount")));
        await VoteAsync(job, images.Select(image => (image.Label.Value, image.Url.Value, image.Verdict)));
        await AssertGoldenAsync(job);
    }

    [Fact]
    public async Task Classes_RealCorpusWithGoldenVerdicts_GivesTheGoldenTable()
    {
        var lines = await File.ReadAllLinesAsync(SharedData.Corpus("shellfish.csv"), TestContext.Current.CancellationToken);
        var job = await api.Http.CreateJobAsync(new { minConfidence = 80 });
        var summary = await api.Http.ImportAsync(job, string.Join('\n', lines));
        Assert.Equal((245, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        var images = lines.Skip(1).Select(line => line.Split(','))
            .Select(fields => (Label: fields[0], Confidence: double.Parse(fields[1], CultureInfo.InvariantCulture), Url: JobSettings.DefaultImageBase + fields[2]))
            .Where(image => image.Confidence >= 80).ToLookup(image => (image.Label, Bucket: Math.Min(3, (int)((image.Confidence - 80) / 5))));
        await VoteAsync(job, Golden.Classes.SelectMany(row =>
        {
            var disconfirmed = row.Disconfirmed;
            return row.Buckets.SelectMany((bucket, index) => images[(row.Label, index)].Select((image, number) => (
                row.Label, image.Url,
                number >= bucket.Incorrect ? Verdict.Confirmed : disconfirmed-- > 0 ? Verdict.Disconfirmed : Verdict.Split)));
        }));
        await AssertGoldenAsync(job);
    }

    [Theory]
    [InlineData("sample.csv")]
    [InlineData("smallsample.csv")]
    [InlineData("shellfish.csv")]
    public async Task Import_RealCorpus_HasNoRejectedLine(string corpus)
    {
        var job = await api.Http.CreateJobAsync();
        var text = await File.ReadAllTextAsync(SharedData.Corpus(corpus), TestContext.Current.CancellationToken);
        var summary = await api.Http.ImportAsync(job, text);
        Assert.Equal(0, summary.Int("rejectedCount"));
        Assert.Equal(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1, summary.Int("accepted") + summary.Int("duplicates"));
    }

    /// <summary>Every vote twice, in random order, in several requests.</summary>
    private async Task VoteAsync(string job, IEnumerable<(string Label, string Url, Verdict Verdict)> images)
    {
        var votes = images.SelectMany(image => Golden.VotesFor(image.Verdict).Select(vote =>
            new { imageUrl = image.Url, label = image.Label, workerId = vote.Worker.Value, confirmed = vote.Confirmed })).ToList();
        Assert.Equal(735, votes.Count);
        var random = new Random(3);
        foreach (var chunk in votes.Concat(votes).OrderBy(_ => random.Next()).Chunk(400))
        {
            var summary = await api.Http.VoteAsync(job, chunk);
            Assert.Equal((chunk.Length, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        }
    }

    private async Task AssertGoldenAsync(string job)
    {
        var table = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?emptyAs=zero");
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
        var present = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("classAverage");
        Assert.Equal([65.62, 49.33, 73.18, 63.25], present.Items("buckets").Select(Correct));
        var thresholds = await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?maxIncorrectPerCorrect=0.1");
        Assert.Equal(
            [("Crab", 80.0), ("Crawdad", null), ("Lobster", 95), ("Scorpion", 90), ("Shrimp", (double?)null)],
            thresholds.EnumerateArray().Select(row => (row.String("label"), row.GetProperty("threshold") is { ValueKind: JsonValueKind.Number } edge ? edge.GetDouble() : (double?)null)));
        var audit = await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, TestContext.Current.CancellationToken)).JsonAsync();
        Assert.Equal((245, 0), (audit.Int("images"), audit.Int("differences")));
    }

    private static IEnumerable<(int, int)> Cells(JsonElement row) => row.Items("buckets").Select(cell => (cell.Int("total"), cell.Int("incorrect")));

    private static double Correct(JsonElement row) => Math.Round(row.GetProperty("correctPercent").GetDouble(), 2);
}

/// <summary>Real corpora beside the repository; they are not part of it.</summary>
internal static class SharedData
{
    public static string Corpus(string name)
    {
        var path = Path.Combine(ApiProcess.RepositoryRoot, "..", "shared", "data", "caltech101-bulkqa", name);
        if (!File.Exists(path)) Assert.Skip($"the shared corpus {name} is not here");
        return path;
    }
}

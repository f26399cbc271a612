using System.Globalization;
using System.Text;
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
        await GoldenTable.AssertAsync(api.Http, job);
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
        await GoldenTable.AssertAsync(api.Http, job);
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
            new { imageUrl = image.Url, label = image.Label, workerId = vote.Worker.Value, confirmed = vote.Kind == BulkQA.Core.AnswerKind.Confirm })).ToList();
        Assert.Equal(735, votes.Count);
        var random = new Random(3);
        foreach (var chunk in votes.Concat(votes).OrderBy(_ => random.Next()).Chunk(400))
        {
            var summary = await api.Http.VoteAsync(job, chunk);
            Assert.Equal((chunk.Length, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        }
    }
}

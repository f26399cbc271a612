using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>What goes out comes in again as the same images, labels and confidences.</summary>
public sealed class RoundTripTests(SharedApi api)
{
    private const string Corpus = """"
        image,label,confidence
        a b.jpg,Dog,87.27
        x/é+%2F.jpg,"Dog, big / ""wild""",29
        s3://elsewhere/c.png,犬,97.26999998092651
        d.jpg,Dog,
        a b.jpg,Cat,12.5
        """";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv", "text/csv", "")]
    [InlineData("ndjson", "application/x-ndjson", "")]
    [InlineData("parquet", "application/vnd.apache.parquet", "")]
    [InlineData("groundtruth", "application/jsonl", "?format=groundtruth")]
    [InlineData("labelstudio", "application/json", "?format=labelstudio")]
    [InlineData("fiftyone", "application/json", "?format=fiftyone")]
    public async Task Export_ImportedAgain_IsTheSameCorpus(string format, string type, string query)
    {
        var (job, copy) = (await ImportedAsync(), await api.Http.CreateJobAsync());
        var summary = await ImportAsync(copy, await api.Http.GetByteArrayAsync($"/v1/jobs/{job}/export?format={format}", Cancellation), type, query);
        Assert.Equal((5, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        Assert.Equal(await ItemsAsync(job), await ItemsAsync(copy));
    }

    /// <summary>There is no place for a confidence.</summary>
    [Fact]
    public async Task ExportImageFolder_ImportedAgain_IsTheSameImagesAndLabels()
    {
        var (job, copy) = (await ImportedAsync(), await api.Http.CreateJobAsync());
        await ImportAsync(copy, await api.Http.GetByteArrayAsync($"/v1/jobs/{job}/export?format=imagefolder", Cancellation), "text/plain", "?format=imagefolder");
        Assert.Equal((await ItemsAsync(job)).Select(item => (item.Url, item.Label)), (await ItemsAsync(copy)).Select(item => (item.Url, item.Label)));
    }

    /// <summary>Labels that a folder's name, or the first bytes of a file, could make something else of.</summary>
    [Theory]
    [InlineData("PKW")]
    [InlineData(" Dog")]
    [InlineData("Dog ")]
    [InlineData("..")]
    [InlineData("50%2F50")]
    public async Task ExportImageFolder_UnusualLabel_ComesInAgainAsItIs(string label)
    {
        var (job, copy) = (await api.Http.CreateJobAsync(), await api.Http.CreateJobAsync());
        await api.Http.ImportAsync(job, $"image,label,confidence\na.jpg,\"{label}\",90\n");
        var summary = await ImportAsync(copy, await api.Http.GetByteArrayAsync($"/v1/jobs/{job}/export?format=imagefolder", Cancellation), "text/plain", "?format=imagefolder");
        Assert.Equal(1, summary.Int("accepted"));
        Assert.Equal(label, Assert.Single(await ItemsAsync(copy)).Label);
    }

    /// <summary>Whichever form of an object's address somebody has.</summary>
    [Fact]
    public async Task Image_ByItsWebAddress_IsFoundAndVotedOn()
    {
        const string Address = "https://bulkqa.s3.eu-central-1.amazonaws.com/images/web%20address.jpg";
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, $"{Address},Dog,90");
        await api.Http.VoteAsync(job, [new { imageUrl = Address, label = "Dog", workerId = "ann", confirmed = true }]);
        foreach (var url in (string[])[Address, "s3://bulkqa/images/web address.jpg"])
        {
            Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?label=Dog&url={Uri.EscapeDataString(url)}")).Int("confirms"));
            Assert.Contains((await api.Http.GetJsonAsync($"/v1/images?url={Uri.EscapeDataString(url)}")).Items(), image => image.String("job") == job);
        }
    }

    [Fact]
    public async Task ExportVotes_HasTheColumnsThatCrowdKitReads()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90\nb.jpg,Dog,91");
        await api.Http.VoteAsync(job, [
            new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = "ann", confirmed = true }, new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = "bob", confirmed = false },
            new { imageUrl = "s3://bulkqa/images/b.jpg", label = "Dog", workerId = "ann", confirmed = (bool?)null, reason = "notSeen" }]);
        Assert.Equal(
            "task,worker,label\r\ns3://bulkqa/images/a.jpg#Dog,ann,Confirmed\r\ns3://bulkqa/images/a.jpg#Dog,bob,Disconfirmed\r\n",
            await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=votes", Cancellation));
    }

    private async Task<string> ImportedAsync()
    {
        var job = await api.Http.CreateJobAsync();
        Assert.Equal(5, (await api.Http.ImportAsync(job, Corpus)).Int("accepted"));
        return job;
    }

    private async Task<JsonElement> ImportAsync(string job, byte[] body, string type, string query)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        return await (await api.Http.PostAsync($"/v1/jobs/{job}/items{query}", content, Cancellation)).JsonAsync();
    }

    private async Task<List<(string Url, string Label, double? Confidence)>> ItemsAsync(string job) =>
        [.. (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Select(image =>
            (image.String("imageUrl"), image.String("label"), image.GetProperty("confidence").ValueKind == JsonValueKind.Null ? (double?)null : image.GetProperty("confidence").GetDouble())).Order()];
}

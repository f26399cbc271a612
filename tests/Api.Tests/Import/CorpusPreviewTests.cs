using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>A look at a corpus before there is a job for it.</summary>
public sealed class CorpusPreviewTests(SharedApi api)
{
    private const string Corpus = "image,label,confidence\na.jpg,Dog,97\nb.jpg,Cat,x\nhttps://pictures.example.org/c.jpg,Cat,40\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Preview_WithoutAJob_IsWhatADryRunIntoANewOneAnswers()
    {
        var job = await api.Http.CreateJobAsync();
        var dry = await (await api.Http.PostAsync($"/v1/jobs/{job}/items?dryRun=true", HttpExtensions.Text(Corpus, "text/csv"), Cancellation)).JsonAsync();
        var preview = await PreviewAsync("", Corpus);
        Assert.Equal(dry.GetRawText(), preview.GetRawText());
        Assert.Equal((2, 1), (preview.Int("accepted"), preview.Int("rejectedCount")));
        Assert.Equal(["s3://bulkqa/images/a.jpg", "https://pictures.example.org/c.jpg"], preview.Items("preview").Select(item => item.String("imageUrl")));
        Assert.Contains("pictureNotShown", preview.Items("warnings").Select(warning => warning.String("kind")));
    }

    [Fact]
    public async Task Preview_WithSettingsOfTheJobToBe_IsReadByThem()
    {
        var preview = await PreviewAsync("?imageBase=s3://mine/pictures/&minConfidence=50&pictureHosts=other.example.org&pictureHosts=pictures.example.org", Corpus);
        Assert.Equal((1, 1, 1), (preview.Int("accepted"), preview.Int("belowMinConfidence"), preview.Int("rejectedCount")));
        Assert.Equal("s3://mine/pictures/a.jpg", preview.Items("preview").Single().String("imageUrl"));
        Assert.DoesNotContain(preview.Items("warnings"), warning => warning.String("kind") == "pictureNotShown");
    }

    [Theory]
    [InlineData("?scale=permille", "scale: 'permille' is neither percent nor fraction")]
    [InlineData("?minConfidence=101", "minConfidence: 101 is not from 0 to 100")]
    [InlineData("?imageBase=pictures", "imageBase: 'pictures' is not of the form s3://bucket/folder/")]
    [InlineData("?pictureHosts=a%20b", "pictureHosts: 'a b'")]
    [InlineData("?gold=g&format=coco", "gold: coco has no column")]
    public async Task Preview_OfWhatCantBe_IsRefusedByField(string query, string detail)
    {
        var response = await api.Http.PostAsync($"/v1/items/preview{query}", HttpExtensions.Text(Corpus, "text/csv"), Cancellation);
        Assert.Contains(detail, await response.ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfAnUnknownKind_IsRefused()
    {
        var response = await api.Http.PostAsync("/v1/items/preview", HttpExtensions.Text(Corpus, "application/pdf"), Cancellation);
        await response.ProblemAsync(415);
    }

    [Fact]
    public async Task Preview_OfMoreThanItTakes_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/items/preview?format=coco") { Content = new ByteArrayContent(new byte[(64 << 20) + 1]) };
        request.Content.Headers.ContentType = new("application/json");
        // The service answers before it has read all, and closes the connection.
        request.Headers.ExpectContinue = true;
        await (await api.Http.SendAsync(request, Cancellation)).ProblemAsync(413);
    }

    private async Task<JsonElement> PreviewAsync(string query, string corpus) =>
        await (await api.Http.PostAsync($"/v1/items/preview{query}", HttpExtensions.Text(corpus, "text/csv"), Cancellation)).JsonAsync();
}

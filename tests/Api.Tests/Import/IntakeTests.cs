using System.Text;

namespace BulkQA.Api.Tests;

/// <summary>Corpora that come other than meant: nothing of them is dropped or turned without a word.</summary>
public sealed class IntakeTests(SharedApi api)
{
    private const string NdJson = "application/x-ndjson";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/csv", "image,label,confidence\ra.jpg,Dog,90\rb.jpg,Dog,91\r")]
    [InlineData("text/csv", "image,label,confidence\ra.jpg,Dog,90\r\nb.jpg,Dog,91\n")]
    [InlineData(NdJson, "{\"image_local_path\":\"a.jpg\",\"label\":\"Dog\",\"confidence\":90}\r{\"image_local_path\":\"b.jpg\",\"label\":\"Dog\",\"confidence\":91}")]
    public async Task Import_LinesThatEndInCarriageReturns_AreRead(string type, string corpus)
    {
        var summary = await api.Http.ImportAsync(await api.Http.CreateJobAsync(), corpus, type);
        Assert.Equal((2, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
    }

    [Theory]
    [InlineData("text/csv", "", "empty")]
    [InlineData("text/csv", " \n\r\n", "empty")]
    [InlineData(NdJson, "", "empty")]
    [InlineData(NdJson, "\n", "empty")]
    [InlineData("text/csv", "image,label,confidence\n", "--data-binary")]
    [InlineData("text/csv", "image,label,confidencea.jpg,Dog,90b.jpg,Dog,91", "--data-binary")]
    [InlineData("text/csv", "label,confidence,imageDog,90,a.jpgDog,91,b.jpg", "--data-binary")]
    [InlineData("text/csv", "a.jpg,Dog,90b.jpg,Dog,91", "--data-binary")]
    public async Task Import_NothingToImport_Is400AndSaysWhatToDo(string type, string corpus, string says)
    {
        var job = await api.Http.CreateJobAsync();
        using var body = HttpExtensions.Text(corpus, type);
        Assert.Contains(says, await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("label,filename,confidence\nDog,a.jpg,90\n")]
    [InlineData("filename,class,score\na.jpg,Dog,90\n")]
    [InlineData("Prediction,Probability,URL\nDog,90,a.jpg\n")]
    public async Task Import_UsualHeaderNames_AreUnderstood(string corpus)
    {
        var job = await api.Http.CreateJobAsync();
        Assert.Equal(1, (await api.Http.ImportAsync(job, corpus)).Int("accepted"));
        var image = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single();
        Assert.Equal(("s3://bulkqa/images/a.jpg", "Dog", 90), (image.String("imageUrl"), image.String("label"), image.Int("confidence")));
    }

    [Theory]
    [InlineData("label,picture,confidence\nDog,a.jpg,90\n", "'picture'")]
    [InlineData("bild,klasse,wert\na.jpg,Dog,90\n", "'klasse'")]
    [InlineData("image,label,class,confidence\na.jpg,Dog,Cat,90\n", "'class'")]
    public async Task Import_HeaderNotUnderstood_IsRefusedBeforeAnythingIsStored(string corpus, string names)
    {
        var job = await api.Http.CreateJobAsync();
        var detail = await (await api.Http.PostAsync($"/v1/jobs/{job}/items", HttpExtensions.Text(corpus, "text/csv"), Cancellation)).ProblemAsync(400);
        Assert.Contains(names, detail, StringComparison.Ordinal);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"));
    }

    [Fact]
    public async Task Import_PicturesThatCannotBeShown_AreRejectedWherePathsAndWarnedOfWhereUrls()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await api.Http.ImportAsync(job, """
            image_local_path,label,confidence
            a.jpg,Dog,90
            ../b.jpg,Dog,90
            s3://elsewhere/c.jpg,Dog,90
            https://example.com/d.jpg,Dog,90
            s3://bulkqa/images/e.jpg,Dog,90
            s3://bulkqa/images/../f.jpg,Dog,90
            """);
        Assert.Equal((5, 1), (summary.Int("accepted"), summary.Int("rejectedCount")));
        Assert.Equal(3, summary.Items("rejected").Single().Int("line"));
        var warning = summary.Items("warnings").Single();
        Assert.Equal("pictureNotShown", warning.String("kind"));
        Assert.Equal([4, 5, 7], warning.Items("lines").Select(line => line.GetInt32()));
        Assert.StartsWith("3 lines", warning.String("detail"), StringComparison.Ordinal);
        Assert.Contains("s3://bulkqa/images/", warning.String("detail"), StringComparison.Ordinal);
        var urls = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Select(image => image.String("imageUrl"));
        Assert.Equal(
            ["https://example.com/d.jpg", "s3://bulkqa/images/../f.jpg", "s3://bulkqa/images/a.jpg", "s3://bulkqa/images/e.jpg", "s3://elsewhere/c.jpg"],
            urls.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Import_NothingToWarnOf_HasNoWarnings() =>
        Assert.Empty((await api.Http.ImportAsync(await api.Http.CreateJobAsync(), "a.jpg,Dog,90")).Items("warnings"));

    [Fact]
    public async Task Import_MoreWarnedOfThanAreListed_CountsThemAll()
    {
        var corpus = string.Join('\n', Enumerable.Range(0, 250).Select(number => $"s3://elsewhere/{number}.jpg,Dog,90"));
        var warning = (await api.Http.ImportAsync(await api.Http.CreateJobAsync(), corpus)).Items("warnings").Single();
        Assert.Equal(Enumerable.Range(1, 100), warning.Items("lines").Select(line => line.GetInt32()));
        Assert.StartsWith("250 lines", warning.String("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_ConfidencesThatMayBeFractions_AreRefusedUntilSomebodySaysOrTheJobHoldsPercents()
    {
        const string Corpus = "a.jpg,Dog,0.9\nb.jpg,Dog,1\nc.jpg,Dog,0.2";
        var job = await api.Http.CreateJobAsync();
        using (var body = HttpExtensions.Text(Corpus, "text/csv"))
            Assert.Contains("?scale=fraction", await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"));
        await api.Http.ImportAsync(job, "d.jpg,Dog,1.01\ne.jpg,Dog,90");
        var warning = (await api.Http.ImportAsync(job, Corpus)).Items("warnings").Single();
        Assert.Equal("confidenceScale", warning.String("kind"));
        Assert.Equal([1, 2, 3], warning.Items("lines").Select(line => line.GetInt32()));
    }

    /// <summary>The lowest bucket may begin far above 1: what is below it says by its images what they are.</summary>
    [Fact]
    public async Task Import_ConfidencesThatMayBeFractionsIntoAJobBelowItsLowestBucket_AreHeldAgainstItsImages()
    {
        const string Corpus = "a.jpg,Dog,0.9\nb.jpg,Dog,1";
        var job = await api.Http.CreateJobAsync(new { bucketEdges = (int[])[80, 90, 100] });
        using (var low = HttpExtensions.Text("image,label,confidence\nc.jpg,Cat,\nd.jpg,Dog,0.5", "text/csv"))
            Assert.Equal(2, (await (await api.Http.PostAsync($"/v1/jobs/{job}/items?scale=percent", low, Cancellation)).JsonAsync()).Int("accepted"));
        using (var body = HttpExtensions.Text(Corpus, "text/csv"))
            Assert.Contains("?scale=fraction", await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        await api.Http.ImportAsync(job, "e.jpg,Elk,30");
        Assert.Equal("confidenceScale", (await api.Http.ImportAsync(job, Corpus)).Items("warnings").Single().String("kind"));
    }

    [Fact]
    public async Task Import_OneScoreInTwoPrecisions_IsADuplicate()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,97.26999998092651");
        var summary = await api.Http.ImportAsync(job, "a.jpg,Dog,97.27\nb.jpg,Dog,97.27\nb.jpg,Dog,97.26999998092651");
        Assert.Equal((1, 2, 0), (summary.Int("accepted"), summary.Int("duplicates"), summary.Int("rejectedCount")));
    }

    [Fact]
    public async Task Import_Contradiction_NamesWhatStandsAndWhatCame()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90.5");
        var summary = await api.Http.ImportAsync(job, "a.jpg,Dog,91.25\nb.jpg,Dog,70\nb.jpg,Dog,71");
        var reasons = summary.Items("rejected").Select(line => line.String("reason")).ToList();
        Assert.Equal(2, reasons.Count);
        Assert.Contains("91.25 came", reasons[0], StringComparison.Ordinal);
        Assert.Contains("90.5, which stands", reasons[0], StringComparison.Ordinal);
        Assert.Contains("71 came", reasons[1], StringComparison.Ordinal);
        Assert.Contains("70, which stands", reasons[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/csv; charset=\"utf-8\"")]
    [InlineData("text/csv; charset=UTF-8")]
    [InlineData("text/csv; charset=utf8")]
    [InlineData("text/csv;charset=\"US-ASCII\"")]
    public async Task Import_CharsetThatIsUtf8_IsTakenHoweverItIsWritten(string type)
    {
        var job = await api.Http.CreateJobAsync();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes("a.jpg,Dog,90"));
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Type", type));
        Assert.Equal(1, (await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).JsonAsync()).Int("accepted"));
    }

    [Fact]
    public async Task Import_CharsetThatIsKnown_IsReadByIt()
    {
        var job = await api.Http.CreateJobAsync();
        using var body = new ByteArrayContent(Encoding.Latin1.GetBytes("a.jpg,Kühlschrank,90"));
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Type", "text/csv; charset=\"iso-8859-1\""));
        Assert.Equal(1, (await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).JsonAsync()).Int("accepted"));
        Assert.Equal("Kühlschrank", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).Items("classes").Single().String("label"));
    }

    [Fact]
    public async Task Import_CharsetThatIsNot_Is415()
    {
        var job = await api.Http.CreateJobAsync();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes("a.jpg,Dog,90"));
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Type", "text/csv; charset=ebcdic"));
        await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).ProblemAsync(415);
    }
}

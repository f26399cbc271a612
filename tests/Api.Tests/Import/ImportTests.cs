using System.Net;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class ImportTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_GoodAndBadLines_CountsEachOnce()
    {
        var job = await api.Http.CreateJobAsync(new { minConfidence = 50 });
        var summary = await api.Http.ImportAsync(job, """
            label,confidence,image_local_path
            Dog,90,a.jpg
            Dog,90,a.jpg
            Dog,91,a.jpg
            Dog,49.99,b.jpg
            Dog,NaN,c.jpg
            ,90,d.jpg
            "Dog,90,e.jpg
            Dog,50,f.jpg
            """);
        Assert.Equal((2, 1, 1, 4), (summary.Int("accepted"), summary.Int("duplicates"), summary.Int("belowMinConfidence"), summary.Int("rejectedCount")));
        Assert.Equal([4, 6, 7, 8], summary.Items("rejected").Select(line => line.Int("line")));
        Assert.Contains("which stands", summary.Items("rejected").First().String("reason"), StringComparison.Ordinal);
        var again = await api.Http.ImportAsync(job, "a.jpg,Dog,90\nf.jpg,Dog,50");
        Assert.Equal((0, 2), (again.Int("accepted"), again.Int("duplicates")));
    }

    [Fact]
    public async Task Import_NdJson_IsRead()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await api.Http.ImportAsync(job, "{\"s3_image_url\":\"s3://b/a.jpg\",\"label\":\"Dog\",\"confidence\":90}\nnonsense\n", "application/x-ndjson");
        Assert.Equal((1, 1), (summary.Int("accepted"), summary.Int("rejectedCount")));
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/json")]
    public async Task Import_WrongContentType_Is415(string type)
    {
        var job = await api.Http.CreateJobAsync();
        await (await api.Http.PostAsync($"/v1/jobs/{job}/items", HttpExtensions.Text("a.jpg,Dog,90", type), Cancellation)).ProblemAsync(415);
    }

    [Fact]
    public async Task Import_Utf16ByItsMark_IsRead()
    {
        var job = await api.Http.CreateJobAsync();
        using var body = new ByteArrayContent([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a.jpg,Dog,90")]) { Headers = { ContentType = new("text/csv") } };
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation)).JsonAsync();
        Assert.Equal((1, "utf-16"), (summary.Int("accepted"), summary.GetProperty("read").String("encoding")));
    }

    [Fact]
    public async Task Import_MoreRejectedThanAreListed_CountsThemAll()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await api.Http.ImportAsync(job, "image,label,confidence\n" + string.Join('\n', Enumerable.Range(0, 1_500).Select(number => $"{number}.jpg,Dog,x")));
        Assert.Equal((1_500, 1_000), (summary.Int("rejectedCount"), summary.Items("rejected").Count()));
    }

    [Fact]
    public async Task Import_TenMegabyteLine_IsRejectedAndTheRestIsTaken()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await api.Http.ImportAsync(job, $"a.jpg,Dog,90\n{new string('x', 10_000_000)},Dog,90\nb.jpg,Dog,90");
        Assert.Equal((2, 1), (summary.Int("accepted"), summary.Int("rejectedCount")));
    }

    [Fact]
    public async Task Import_UnusualLabels_RoundTripEverywhere()
    {
        string[] labels = ["a/b", "#1", "x|y", "Dog-10", "say \"hi\"", "it's", "🐕", "كلب", "%2F", "<script>alert(1)</script>", "a;b", "=1+1"];
        var job = await api.Http.CreateJobAsync();
        var lines = labels.Select((label, index) => JsonSerializer.Serialize(new { s3_image_url = $"s3://b/{index}", label, confidence = 90 }));
        Assert.Equal(labels.Length, (await api.Http.ImportAsync(job, string.Join('\n', lines), "application/x-ndjson")).Int("accepted"));
        await api.Http.VoteAsync(job, labels.Select((label, index) => new { imageUrl = $"s3://b/{index}", label, workerId = "w", confirmed = true }));
        var table = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes");
        Assert.Equal(labels.Order(StringComparer.Ordinal), table.Items("classes").Select(row => row.String("label")));
        foreach (var (label, index) in labels.Select((label, index) => (label, index)))
        {
            var image = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/{index}&label={Uri.EscapeDataString(label)}");
            Assert.Equal((label, "Confirmed"), (image.String("label"), image.String("verdict")));
            Assert.Equal(label, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?label={Uri.EscapeDataString(label)}")).Items("classes").Single().String("label"));
        }
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
    }

    [Fact]
    public async Task Import_SameCorpusAtOnce_IsInsertedOnce()
    {
        var job = await api.Http.CreateJobAsync();
        var csv = string.Join('\n', Enumerable.Range(0, 2_000).Select(number => $"{number}.jpg,L{number % 7},90"));
        var summaries = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => api.Http.ImportAsync(job, csv)));
        Assert.Equal(2_000, summaries.Sum(summary => summary.Int("accepted")));
        Assert.Equal(6_000, summaries.Sum(summary => summary.Int("duplicates")));
        Assert.Equal(2_000, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"));
    }

    [Fact]
    public async Task Import_JobDeletedMeanwhile_SaysSo()
    {
        var job = await api.Http.CreateJobAsync();
        // More than goes to a partition in one call: once images are there, the import has found its job.
        using var body = new GatedContent(string.Concat(Enumerable.Range(0, 2_400).Select(number => $"{number}.jpg,Dog,90\n")), "b.jpg,Dog,90\n");
        var import = api.Http.PostAsync($"/v1/jobs/{job}/items", body, Cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images") == 0) await poll.WaitForNextTickAsync(limit.Token);
        await api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation);
        body.Open();
        Assert.Contains("deleted meanwhile", await (await import).ProblemAsync(404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_OfAnImport_HoldEachImageOnceAndAreFull()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 10 });
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, 45).Select(number => $"{number}.jpg,{(number < 32 ? "Dog" : "Cat")},90")));
        var tasks = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks")).Items().ToList();
        Assert.Equal([0, 1, 2, 3, 4, 5], tasks.Select(task => task.Int("task")));
        Assert.Equal([2, 3, 10, 10, 10, 10], tasks.Select(task => task.Int("images")).Order());
        var urls = new List<string>();
        foreach (var task in tasks)
            urls.AddRange((await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task.Int("task")}")).Items("images").Select(image => image.String("imageUrl")));
        Assert.Equal(45, urls.Distinct().Count());
        Assert.Equal(45, urls.Count);
    }

    /// <summary>A body whose second part waits.</summary>
    private sealed class GatedContent : HttpContent
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string[] _parts;

        public GatedContent(params string[] parts)
        {
            _parts = parts;
            Headers.ContentType = new("text/csv");
        }

        public void Open() => _open.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(_parts[0]), Cancellation);
            await stream.FlushAsync(Cancellation);
            await _open.Task;
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(_parts[1]), Cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Ground Truth's worker-response files, in each of the ways in which they come.</summary>
public sealed class WorkerResponseTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zip")]
    [InlineData("form")]
    [InlineData("lines")]
    public async Task Import_AnswersThatAreKnown_AddsTheirTimeOnceAndNothingElse(string way)
    {
        var job = await AnsweredAsync();
        var before = await ShownAsync(job);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var summary = await SendAsync(job, way, (0, File("ann", true, 20), "0.json"), (1, File("ann", true, 30), "1.json"), (0, File("bob", false, 50), "2.json"));
            Assert.Equal((3, 0, 0), Counts(summary));
        }
        // The median of two is the lower one, within five percent.
        Assert.Equal((20, 50), (await SecondsAsync(job, "ann"), await SecondsAsync(job, "bob")));
        Assert.Equal(before, await ShownAsync(job));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
        var history = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image/history?url=s3://b/0&label=Dog");
        Assert.Equal(["ann 20", "bob 50"], history.Items("answers").Select(answer => $"{answer.String("workerId")} {answer.GetProperty("secondsTaken").GetDouble()}").Order());
        Assert.Equal(3, history.GetProperty("image").Int("version"));
    }

    [Fact]
    public async Task Import_AnswerThatIsNotKnown_IsRejectedUnlessItIsToBeAdded()
    {
        var job = await AnsweredAsync();
        (int, string, string)[] files = [(1, File("bob", true, 40), "a.json")];
        Assert.Contains("missing=add", Reason(await SendAsync(job, "zip", files)), StringComparison.Ordinal);
        Assert.Equal(0, (await ShownAsync(job)).Bob - 2);
        // The second file has what the first has, of another time.
        (int, string, string)[] twice = [.. files, (1, files[0].Item2.Replace("00:01:00Z", "00:02:00Z", StringComparison.Ordinal), "b.json")];
        Assert.Equal((2, 1, 0), Counts(await SendAsync(job, "zip", twice, "?missing=add")));
        Assert.Equal((1, 0, 0), Counts(await SendAsync(job, "zip", files, "?missing=add")));
        Assert.Equal((4, 40), ((await ShownAsync(job)).Bob, await SecondsAsync(job, "bob")));
    }

    [Fact]
    public async Task Import_BadRecords_AreRejectedByPlaceAndTheRestCounts()
    {
        var job = await AnsweredAsync();
        var summary = await SendAsync(job, "zip",
            (0, File("ann", false, 20), "differs.json"), (9, File("ann", true, 20), "9.json"), (0, "{", "broken.json"), (0, """{"answers":[{"workerId":"ann","answerContent":{"Cat-0":{"Confirmed":true}},"timeSpentInSeconds":3}]}""", "foreign.json"),
            (1, File("ann", true, 30), "good.json"));
        Assert.Equal((1, 0, 4), Counts(summary));
        var reasons = summary.Items("rejected").ToDictionary(each => each.String("place").Split('/')[^1], each => each.String("reason"));
        Assert.Contains("another answer of this worker", reasons["differs.json"], StringComparison.Ordinal);
        Assert.Contains("object 9 is no line of the job's manifest, which has 2", reasons["9.json"], StringComparison.Ordinal);
        Assert.Contains("not valid JSON", reasons["broken.json"], StringComparison.Ordinal);
        Assert.Contains("'Cat-0' is not of this task", reasons["foreign.json"], StringComparison.Ordinal);
        var lines = await PostAsync(job, HttpExtensions.Text("""{"answers":[]}""" + "\nnonsense\n" + """{"object":0,"answers":[{"workerId":"ann"}]}""" + "\n", "application/x-ndjson"));
        Assert.Equal(["line 1", "line 2", "line 3"], lines.Items("rejected").Select(each => each.String("place")));
        var stray = await PostAsync(job, Uploads.Zip(("../../iteration-1/x/a.json", "{}"u8.ToArray()), ("__MACOSX/a", [1])));
        Assert.Contains("does not end in iteration-{n}", Reason(stray), StringComparison.Ordinal);
        await (await api.Http.PostAsync($"/v1/jobs/{job}/worker-responses", HttpExtensions.Text("x", "text/plain"), Cancellation)).ProblemAsync(415);
        await (await api.Http.PostAsync($"/v1/jobs/{job}/worker-responses?missing=all", HttpExtensions.Text("", "application/x-ndjson"), Cancellation)).ProblemAsync(400);
        await (await api.Http.PostAsync("/v1/jobs/none/worker-responses", HttpExtensions.Text("", "application/x-ndjson"), Cancellation)).ProblemAsync(404);
        await (await api.Http.PostAsync($"/v1/jobs/{job}/worker-responses", Uploads.AsZip([1, 2, 3]), Cancellation)).ProblemAsync(400);
    }

    /// <summary>Two batches of two images: ann confirms all, bob disconfirms the first.</summary>
    private async Task<string> AnsweredAsync()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 2 });
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 4).Select(number => $"s3://b/{number},Dog,90\n")));
        foreach (var (worker, task, confirms) in ((string, int, bool)[])[("ann", 0, true), ("ann", 1, true), ("bob", 0, false)])
            await (await api.Http.AnswerAsync(job, task, worker, Boxes(confirms), "2026-01-01T00:00:00Z")).JsonAsync();
        return job;
    }

    private static Dictionary<string, object> Boxes(bool confirms) => new() { ["Dog-0"] = new { Confirmed = confirms }, ["Dog-1"] = new { Confirmed = confirms } };

    private static string File(string worker, bool confirms, double seconds) => JsonSerializer.Serialize(new
    {
        answers = new[] { new { acceptanceTime = "2026-01-01T00:00:00Z", answerContent = Boxes(confirms), submissionTime = "2026-01-01T00:01:00Z", timeSpentInSeconds = seconds, workerId = worker, workerMetadata = new { identityData = new { sub = "x" } } } },
    });

    private async Task<JsonElement> SendAsync(string job, string way, params (int Object, string Json, string Name)[] files) => await SendAsync(job, way, files, "");

    private Task<JsonElement> SendAsync(string job, string way, (int Object, string Json, string Name)[] files, string query)
    {
        (string, byte[])[] named = [.. files.Select(file => ($"annotations/worker-response/iteration-1/{file.Object}/{file.Name}", Encoding.UTF8.GetBytes(file.Json)))];
        return PostAsync(job, way switch
        {
            "zip" => Uploads.Zip(named),
            "form" => Uploads.Form(named),
            _ => HttpExtensions.Text(string.Concat(files.Select(file => $$"""{"object":{{file.Object}},{{file.Json[1..]}}""" + "\n")), "application/x-ndjson"),
        }, query);
    }

    private async Task<JsonElement> PostAsync(string job, HttpContent content, string query = "") =>
        await (await api.Http.PostAsync($"/v1/jobs/{job}/worker-responses{query}", content, Cancellation)).JsonAsync();

    private static (int, int, int) Counts(JsonElement summary) => (summary.Int("accepted"), summary.Int("added"), summary.Int("rejectedCount"));

    private static string Reason(JsonElement summary) => Assert.Single(summary.Items("rejected")).String("reason");

    private async Task<int> SecondsAsync(string job, string worker) =>
        (int)(Math.Round((await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/{worker}")).GetProperty("secondsPerBatch").GetDouble() / 10) * 10);

    private async Task<(int Ann, int Bob, string Table)> ShownAsync(string job)
    {
        var workers = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items().ToDictionary(worker => worker.String("workerId"), worker => worker.Int("votes") + (100 * worker.Int("repeats")));
        return (workers["ann"], workers["bob"], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetRawText());
    }
}

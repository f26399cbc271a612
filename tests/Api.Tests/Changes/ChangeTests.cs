using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class ChangeTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => api.Http;

    [Fact]
    public async Task Changes_OfAJob_SayWhoHadWhatChangedAndHowItEnded()
    {
        var began = TimeProvider.System.GetUtcNow();
        var job = await Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 1 });
        await Http.ImportAsync(job, "image,label\ns3://b/0,Dog\ns3://b/1,Dog\n");
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "majority" }, Cancellation)).JsonAsync();
        // Refused, each in its way: nothing was changed.
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "whim" }, Cancellation)).ProblemAsync(400);
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "quorum(3)" }, Cancellation)).ProblemAsync(400);
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/nobody", new { state = "setAside", reason = "why" }, Cancellation)).ProblemAsync(404);
        await (await Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/0&label=Dog", new { verdict = "Confirmed", note = "seen" }, Cancellation)).JsonAsync();
        await Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation);
        (await Http.DeleteAsync($"/v1/jobs/{job}", Cancellation)).EnsureSuccessStatusCode();

        var changes = (await Http.GetJsonAsync($"/v1/jobs/{job.ToUpperInvariant()}/changes")).Items().ToList();
        Assert.Equal(["deleteJob 202", "exportImages 200", "adjudicateImage 200", "changeJob 200", "importItems 200", "createJob 201"], changes.Select(change => $"{change.String("action")} {change.Int("status")}"));
        Assert.All(changes, change => Assert.Equal(("this machine", "Local", job), (change.String("by"), change.String("via"), change.String("job"))));
        Assert.All(changes, change => Assert.InRange(change.GetProperty("at").GetDateTimeOffset(), began, TimeProvider.System.GetUtcNow()));
        Assert.Equal("majority", changes[3].GetProperty("change").String("policy"));
        Assert.Equal(2, changes[5].GetProperty("change").Int("batchSize"));
        Assert.Equal($"PUT /v1/jobs/{job}/image/adjudication?url=s3://b/0&label=Dog", changes[2].String("request"));
        Assert.Equal(JsonValueKind.Null, changes[4].GetProperty("change").ValueKind);
    }

    [Fact]
    public async Task Changes_FilteredAndInPages_AreThoseAskedFor()
    {
        var (first, second) = (await Http.CreateJobAsync(), await Http.CreateJobAsync());
        foreach (var state in (string[])["closed", "open", "closed"]) await (await Http.PatchAsJsonAsync($"/v1/jobs/{first}", new { state }, Cancellation)).JsonAsync();
        var all = (await Http.GetJsonAsync($"/v1/jobs/{first}/changes")).Items().Select(change => change.String("id")).ToList();
        Assert.Equal(4, all.Count);
        var found = new List<string>();
        var path = $"/v1/jobs/{first}/changes?limit=3";
        for (string? cursor = null; ;)
        {
            var page = await Http.GetJsonAsync(path + (cursor is null ? "" : $"&cursor={cursor}"));
            found.AddRange(page.Items().Select(change => change.String("id")));
            if ((cursor = page.GetProperty("nextCursor").GetString()) is null) break;
            await (await Http.GetAsync($"/v1/jobs/{second}/changes?cursor={cursor}", Cancellation)).ProblemAsync(400);
        }
        Assert.Equal(all, found);
        var at = (await Http.GetJsonAsync($"/v1/jobs/{second}/changes")).Items().Single().String("at");
        Assert.Equal(["createJob"], await ActionsAsync($"/v1/jobs/{second}/changes?from={Uri.EscapeDataString(at)}&to={Uri.EscapeDataString(at)}"));
        Assert.Equal(["changeJob", "changeJob", "changeJob"], await ActionsAsync($"/v1/jobs/{first}/changes?action=changeJob&by=this%20machine"));
        Assert.Empty(await ActionsAsync($"/v1/jobs/{first}/changes?by=somebody"));
        Assert.Contains("createJob", await ActionsAsync($"/v1/changes?limit=1000&from={Uri.EscapeDataString(at)}"));
        var lines = (await Http.GetStringAsync($"/v1/jobs/{first}/changes?format=ndjson", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(all, lines.Select(line => JsonDocument.Parse(line).RootElement.String("id")));
        var table = (await Http.GetStringAsync($"/v1/jobs/{first}/changes?format=csv&action=changeJob", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("at,by,via,action,job,request,change,status,id", table[0].TrimEnd());
        Assert.Equal(3, table.Count(line => line.Contains($",this machine,Local,changeJob,{first},PATCH /v1/jobs/{first},", StringComparison.Ordinal)));
        foreach (var (query, field) in ((string, string)[])[("limit=0", "limit"), ("format=xml", "format"), ("cursor=abc", "cursor"), ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from")])
            Assert.StartsWith($"{field}:", await (await Http.GetAsync($"/v1/changes?{query}", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);

        async Task<IEnumerable<string>> ActionsAsync(string uri) => (await Http.GetJsonAsync(uri)).Items().Select(change => change.String("action"));
    }

    /// <summary>The path of a webhook often holds a secret, and the log is kept for long.</summary>
    [Fact]
    public async Task Changes_OfAWebhook_HaveItsHostAlone()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path, "--BulkQA:Alarms:WebhookHosts:0=hooks.example.org");
        var alarm = new { minCorrectPercent = 95, webhook = "https://hooks.example.org/T/SECRET?key=SECRET" };
        var job = await process.Http.CreateJobAsync(new { alarm });
        await (await process.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm }, Cancellation)).JsonAsync();
        var log = await process.Http.GetStringAsync("/v1/changes?format=ndjson", Cancellation);
        Assert.Equal(2, log.Split("https://hooks.example.org/").Length - 1);
        Assert.DoesNotContain("SECRET", log, StringComparison.Ordinal);
    }

    /// <summary>Answers of workers are facts, with a history of their own; and a preview, a picture that can't be shown, or a batch that is kept longer, changes nothing.</summary>
    [Fact]
    public async Task EveryOperationThatChangesSomething_IsRecorded()
    {
        var document = await Http.GetJsonAsync("/openapi/v1.json");
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(operation => operation.Name is "post" or "put" or "patch" or "delete")
            .Select(operation => (Call: $"{operation.Name} {path.Name}", IsRecorded: operation.Value.TryGetProperty("x-recorded-as", out _)))).ToList();
        Assert.Equal(
            ["post /v1/items/preview", "post /v1/jobs/{job}/tasks/{task}/annotations", "post /v1/jobs/{job}/tasks/{task}/lease", "post /v1/jobs/{job}/tasks/{task}/unshown", "post /v1/jobs/{job}/votes"],
            operations.Where(operation => !operation.IsRecorded).Select(operation => operation.Call).Order(StringComparer.Ordinal));
        Assert.Equal("exportImages", document.GetProperty("paths").GetProperty("/v1/jobs/{job}/export").GetProperty("get").String("x-recorded-as"));
    }
}

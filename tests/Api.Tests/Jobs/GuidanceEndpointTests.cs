using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>What a job says to its workers, over REST: its instructions and switches, and how to tell each class.</summary>
public sealed class GuidanceEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => api.Http;

    [Fact]
    public async Task Work_OfAJob_IsWhatItWasCreatedWithAndThenWhatItWasChangedTo()
    {
        var job = await Http.CreateJobAsync(new { work = new { instructions = " Look twice.\r\nThen answer. ", seeWholeBatch = true } });
        var work = (await Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("work");
        Assert.Equal(("Look twice.\nThen answer.", true, false), (work.String("instructions"), work.GetProperty("seeWholeBatch").GetBoolean(), work.GetProperty("goldFeedback").GetBoolean()));
        // Created again with the same it is there; with other words it is not the same job.
        var again = await Http.PostAsJsonAsync("/v1/jobs", new { name = job, work = new { instructions = "Look twice.\nThen answer.", seeWholeBatch = true } }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("work is instructions of 24 characters, seeWholeBatch", await (await Http.PostAsJsonAsync("/v1/jobs", new { name = job, work = new { instructions = "Look." } }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        // A change says all of it anew; one of something else leaves it.
        await PatchAsync(new { state = "open" });
        Assert.Equal("Look twice.\nThen answer.", (await Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("work").String("instructions"));
        var changed = (await PatchAsync(new { work = new { goldFeedback = true } })).GetProperty("work");
        Assert.Equal((JsonValueKind.Null, false, true), (changed.GetProperty("instructions").ValueKind, changed.GetProperty("seeWholeBatch").GetBoolean(), changed.GetProperty("goldFeedback").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, (await PatchAsync(new { work = new { } })).GetProperty("work").ValueKind);
        foreach (var text in (string[])[new string('x', 2_001), "a\u0007b"])
        {
            Assert.StartsWith("work.instructions", await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { work = new { instructions = text } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
            Assert.StartsWith("work.instructions", await (await Http.PostAsJsonAsync("/v1/jobs", new { name = $"{job}-2", work = new { instructions = text } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        }

        async Task<JsonElement> PatchAsync(object change) => await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", change, Cancellation)).JsonAsync();
    }

    [Fact]
    public async Task Guidance_OfAClass_IsWhatWasSaidLastUntilItIsTakenAway()
    {
        var job = await JobAsync("Dog", "犬 # / 🐕");
        Assert.Empty((await Http.GetJsonAsync(Path(job))).Items());
        var said = await (await PutAsync(job, "犬 # / 🐕", new { text = " A tail.\r\n<b>And</b> ears. ", right = (string[])["s3://b/1"], wrong = (string[])["s3://b/3", "s3://b/2"] })).JsonAsync();
        Assert.Equal(("犬 # / 🐕", "A tail.\n<b>And</b> ears.", "s3://b/1", "s3://b/3,s3://b/2"), Read(said));
        Assert.Equal(Read(said), Read(Assert.Single((await Http.GetJsonAsync(Path(job))).Items())));
        Assert.Equal(Read(said), Read(Assert.Single((await Http.GetJsonAsync(Path(job, "犬 # / 🐕"))).Items())));
        Assert.Empty((await Http.GetJsonAsync(Path(job, "Dog"))).Items());
        Assert.Equal(("犬 # / 🐕", null, "", "s3://b/1"), Read(await (await PutAsync(job, "犬 # / 🐕", new { wrong = (string[])["s3://b/1"] })).JsonAsync()));
        foreach (var _ in (int[])[1, 2]) Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync(Path(job, "犬 # / 🐕"), Cancellation)).StatusCode);
        Assert.Empty((await Http.GetJsonAsync(Path(job))).Items());
        Assert.Equal(["removeGuidance 204", "removeGuidance 204", "setGuidance 200", "setGuidance 200"], (await Http.GetJsonAsync($"/v1/jobs/{job}/changes?limit=4")).Items().Select(change => $"{change.String("action")} {change.Int("status")}"));
    }

    [Fact]
    public async Task Guidance_OfManyClasses_ComesInPages()
    {
        string[] labels = [.. Enumerable.Range(0, 7).Select(number => $"class {number}")];
        var job = await JobAsync(labels);
        foreach (var label in labels.Where(label => label != "class 3")) await (await PutAsync(job, label, new { text = $"about {label}" })).JsonAsync();
        var found = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await Http.GetJsonAsync($"{Path(job)}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.InRange(page.Items().Count(), 0, 2);
            found.AddRange(page.Items().Select(item => item.String("label")));
            if ((cursor = page.GetProperty("nextCursor").GetString()) is null) break;
        }
        Assert.Equal(labels.Where(label => label != "class 3"), found);
        await (await Http.GetAsync($"{Path(job)}?cursor=abc", Cancellation)).ProblemAsync(400);
        await (await Http.GetAsync($"{Path(job)}?limit=0", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Guidance_ThatCannotBeShown_IsRefusedAndSaysWhy()
    {
        var job = await JobAsync("Dog");
        string[] seven = [.. Enumerable.Range(0, 7).Select(number => $"s3://b/{number}")];
        (object Body, string Field)[] refused =
        [
            (new { right = (string[])["s3://other/1"] }, "right"), (new { wrong = (string[])["https://pictures.example.com/1.png"] }, "wrong"), (new { right = (string[])["javascript:alert(1)"] }, "right"),
            (new { right = seven }, "right"), (new { wrong = (string[])["s3://b/1", "s3://b/1"] }, "wrong"), (new { right = (string[])["s3://b/1"], wrong = (string[])["s3://b/1"] }, "wrong"),
            (new { text = new string('x', 2_001) }, "text"), (new { right = (string?[])[null] }, "right"),
        ];
        foreach (var (body, field) in refused) Assert.StartsWith($"{field}:", await (await PutAsync(job, "Dog", body)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Empty((await Http.GetJsonAsync(Path(job))).Items());
        // Of a host that the job names a browser may have it.
        await (await PutAsync(job, "Dog", new { right = (string[])["https://pictures.example.org/1.png"] })).JsonAsync();
        await (await PutAsync(job, "Cat", new { text = "a" })).ProblemAsync(404);
        await (await PutAsync(job, "", new { text = "a" })).ProblemAsync(400);
        await (await Http.DeleteAsync(Path(job, "Cat"), Cancellation)).ProblemAsync(404);
        await (await PutAsync("no-such-job", "Dog", new { text = "a" })).ProblemAsync(404);
        await (await Http.GetAsync("/v1/jobs/no-such-job/guidance", Cancellation)).ProblemAsync(404);
        // A job of that name that comes after it has none of it.
        (await Http.DeleteAsync($"/v1/jobs/{job}", Cancellation)).EnsureSuccessStatusCode();
        await (await Http.GetAsync(Path(job), Cancellation)).ProblemAsync(404);
    }

    private async Task<string> JobAsync(params string[] labels)
    {
        var job = await Http.CreateJobAsync(new { imageBase = "s3://b/", pictureHosts = (string[])["pictures.example.org"] });
        await Http.ImportAsync(job, string.Join('\n', labels.Select((label, number) => $"s3://b/{number},{label},90")));
        return job;
    }

    private Task<HttpResponseMessage> PutAsync(string job, string label, object body) => Http.PutAsJsonAsync(Path(job, label), body, Cancellation);

    private static string Path(string job, string? label = null) => $"/v1/jobs/{job}/guidance{(label is null ? "" : $"?label={Uri.EscapeDataString(label)}")}";

    private static (string, string?, string, string) Read(JsonElement guidance) => (guidance.String("label"), guidance.GetProperty("text").GetString(),
        string.Join(',', guidance.Items("right").Select(url => url.GetString())), string.Join(',', guidance.Items("wrong").Select(url => url.GetString())));
}

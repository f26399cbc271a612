using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Cluster.Tests;

/// <summary>
/// A rolling deployment from the release before: <c>tests/previous-release</c> names its commit, and <c>./test.sh</c> builds
/// it into <c>tests/previous</c>.
/// </summary>
public sealed class UpgradeTests(SharedApi aws)
{
    private static readonly string _previous = Path.GetFullPath(Path.Combine(TestCluster.Metadata("RepositoryRoot"), "tests", "previous"));

    private const string Image = "url=s3://b/0.jpg&label=Dog";

    private static readonly object _shuffled = new { batchSize = 5, workersPerTask = 1, order = "random(7)" };
    private static readonly object _oneInTen = new { maxIncorrectPerCorrect = 0.1, level = 0.95, per = "class" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SilosAndApi_OfTheReleaseBefore_ReplacedOneByOneUnderLoad_CountEveryVoteOnce()
    {
        Assert.SkipUnless(Directory.Exists(_previous), $"{_previous} is not built: the history lacks the commit in tests/previous-release");
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2, build: _previous);
        using var load = await ChaosLoad.StartAsync(cluster);
        cluster.Upgrade();
        for (var step = 0; step < 2; step++)
        {
            var old = cluster.Silos[0];
            await cluster.AddSiloAsync();
            // Both releases at once, with the client of the old one and then of the new one.
            await load.WaitForMoreAsync(votes: 500);
            Assert.Equal(0, await old.Child.TerminateAsync(TimeSpan.FromSeconds(120)));
            cluster.Remove(old);
            if (step == 0)
            {
                await cluster.RestartApiAsync();
                await TryNewCallsBesideAsync(cluster.Http, load.Job);
            }
            await load.WaitForMoreAsync(votes: 500);
        }
        await TryNewCallsAsync(cluster.Http, load.Job);
        await load.EndAsync();
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(3));
        TestContext.Current.SendDiagnosticMessage($"{load}");
        Assert.Equal((0, 0), await load.CompareAsync());
        Assert.Equal(load.Expected, (await cluster.Http.GetJsonAsync($"/v1/jobs/{load.Job}")).Int("votes"));
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{load.Job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal(0, audit.Int("differences"));
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    /// <summary>
    /// Calls that a silo of the release before, which is still there, does not know: each is answered, or refused for now, wherever it and its
    /// grain are.
    /// </summary>
    private static async Task TryNewCallsBesideAsync(HttpClient http, string job)
    {
        var shuffled = await http.CreateJobAsync(_shuffled);
        var (root, worker) = ($"/v1/jobs/{job}", await http.GetAsync($"/v1/jobs/{job}/workers?limit=1", Cancellation));
        var id = worker.IsSuccessStatusCode ? (await worker.JsonAsync()).Items().Single().String("workerId") : "nobody";
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])[
            (HttpMethod.Get, $"image/history?{Image}", null), (HttpMethod.Get, "images?sort=confidence&limit=3", null), (HttpMethod.Get, "images?sort=value&limit=3", null),
            (HttpMethod.Put, $"image/adjudication?{Image}", new { verdict = "Disconfirmed" }), (HttpMethod.Patch, $"workers/{id}", new { state = "setAside", reason = "tried" }),
            (HttpMethod.Patch, $"workers/{id}", new { state = "counted" }), (HttpMethod.Get, "agreement", null), (HttpMethod.Post, "reliability", new { }), (HttpMethod.Delete, "reliability/1", null),
            (HttpMethod.Get, $"workers/{id}", null), (HttpMethod.Get, "boxes", null), (HttpMethod.Get, "gold", null), (HttpMethod.Get, "model-versions", null),
            (HttpMethod.Get, "classes?level=0.95", null), (HttpMethod.Get, "classes?expected=true", null), (HttpMethod.Get, "thresholds?method=continuous", null), (HttpMethod.Get, "calibration", null),
            (HttpMethod.Get, "thresholds?method=parity&modelVersion=v1", null), (HttpMethod.Get, "calibration?modelVersion=v1", null),
            (HttpMethod.Get, "timeline?minCorrectPercent=95", null), (HttpMethod.Get, "compare?a=2026-11-01..2026-11-07&b=2026-11-08", null),
            (HttpMethod.Patch, "", new { level = 0.9, scope = "model", reestimate = new { everyVotes = 100_000 } }), (HttpMethod.Patch, "", new { level = (double?)null, scope = "corpus", reestimate = (object?)null }),
            (HttpMethod.Patch, "", new { alarm = new { minCorrectPercent = 1 } }), (HttpMethod.Get, "alarms", null), (HttpMethod.Patch, "", new { alarm = (object?)null }),
            (HttpMethod.Put, $"../{shuffled}/target", _oneInTen), (HttpMethod.Get, $"../{shuffled}/target", null), (HttpMethod.Get, $"../{shuffled}/decisions", null), (HttpMethod.Delete, $"../{shuffled}/target", null)])
        {
            using var request = new HttpRequestMessage(method, path.Length == 0 ? root : $"{root}/{path}") { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(request, Cancellation);
            // What is not there yet where a call before it was refused, or is done already.
            Assert.True(
                answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.NotFound or HttpStatusCode.Conflict,
                $"{method} {path} was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
        }
    }

    /// <summary>The same once all silos are of the new release.</summary>
    private static async Task TryNewCallsAsync(HttpClient http, string job)
    {
        Assert.Equal("s3://b/0.jpg", (await http.GetJsonAsync($"/v1/jobs/{job}/image/history?{Image}")).GetProperty("image").String("imageUrl"));
        foreach (var sort in (string[])["confidence", "disagreement", "value"]) Assert.Equal(3, (await http.GetJsonAsync($"/v1/jobs/{job}/images?sort={sort}&limit=3")).Items().Count());
        await (await http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?{Image}", new { verdict = "Disconfirmed", rightLabel = "Cat" }, Cancellation)).JsonAsync();
        Assert.Equal("Disconfirmed", (await http.GetJsonAsync($"/v1/jobs/{job}/image?{Image}")).String("final"));
        var worker = (await http.GetJsonAsync($"/v1/jobs/{job}/workers?limit=1")).Items().Single().String("workerId");
        foreach (var state in (string[])["setAside", "counted"])
            Assert.Equal(state, (await (await http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/{worker}", new { state, reason = "tried" }, Cancellation)).JsonAsync()).String("state"));
        Assert.Equal("counted", (await http.GetJsonAsync($"/v1/jobs/{job}/workers/{worker}")).Items("decisions").Last().String("state"));
        await http.GetJsonAsync($"/v1/jobs/{job}/agreement");
        var model = (await (await http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync()).Int("model");
        // It may be done before it is cancelled.
        Assert.Contains((await http.DeleteAsync($"/v1/jobs/{job}/reliability/{model}", Cancellation)).StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.Conflict]);
        Assert.Contains((await http.GetJsonAsync($"/v1/jobs/{job}/reliability/{model}")).String("state"), (string[])["cancelled", "done"]);
        await TryStatisticsAsync(http, job);
    }

    /// <summary>Numbers with certainty, by day and version, alarms and targets.</summary>
    private static async Task TryStatisticsAsync(HttpClient http, string job)
    {
        var row = (await http.GetJsonAsync($"/v1/jobs/{job}/classes?level=0.95")).Items("classes").Single();
        Assert.True(row.GetProperty("lower").GetDouble() <= row.GetProperty("upper").GetDouble());
        Assert.Equal("Dog", (await http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=continuous"))[0].String("label"));
        Assert.InRange((await http.GetJsonAsync($"/v1/jobs/{job}/calibration")).GetProperty("overall").Int("reviewed"), 1, int.MaxValue);
        Assert.Equal(0, (await http.GetJsonAsync($"/v1/jobs/{job}/model-versions")).GetArrayLength());
        Assert.NotEmpty((await http.GetJsonAsync($"/v1/jobs/{job}/boxes")).EnumerateObject());
        Assert.Equal(0, (await http.GetJsonAsync($"/v1/jobs/{job}/timeline?minCorrectPercent=1")).Items("classes").Count(found => found.TryGetProperty("alarm", out _)));
        Assert.Equal(1, (await (await http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = new { minCorrectPercent = 1 } }, Cancellation)).JsonAsync()).GetProperty("alarm").Int("minCorrectPercent"));
        Assert.Equal((0, 0), (await http.GetJsonAsync($"/v1/jobs/{job}/alarms")) is var alarms ? (alarms.Int("standing"), alarms.Int("untold")) : default);
        var shuffled = await http.CreateJobAsync(_shuffled);
        await http.ImportAsync(shuffled, "s3_image_url,label,confidence,model_version\n" + string.Concat(Enumerable.Range(0, 20).Select(number => $"s3://b/{number}.jpg,Cat,90,v1\n")));
        Assert.Equal("v1", (await http.GetJsonAsync($"/v1/jobs/{shuffled}/model-versions"))[0].GetString());
        Assert.Equal(0, (await http.GetJsonAsync($"/v1/jobs/{shuffled}/calibration?modelVersion=v1")).GetProperty("overall").Int("reviewed"));
        Assert.Equal(20, (await http.GetJsonAsync($"/v1/jobs/{shuffled}/classes?modelVersion=v1")).Items("classes").Single().Int("total"));
        await (await http.PutAsJsonAsync($"/v1/jobs/{shuffled}/target", _oneInTen, Cancellation)).JsonAsync();
        Assert.Equal("open", (await http.GetJsonAsync($"/v1/jobs/{shuffled}/decisions")).Items().Single().String("state"));
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/v1/jobs/{shuffled}/target", Cancellation)).StatusCode);
    }
}

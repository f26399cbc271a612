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
        var (root, worker) = ($"/v1/jobs/{job}", await http.GetAsync($"/v1/jobs/{job}/workers?limit=1", Cancellation));
        var id = worker.IsSuccessStatusCode ? (await worker.JsonAsync()).Items().Single().String("workerId") : "nobody";
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])[
            (HttpMethod.Get, $"image/history?{Image}", null), (HttpMethod.Get, "images?sort=confidence&limit=3", null), (HttpMethod.Get, "images?sort=value&limit=3", null),
            (HttpMethod.Put, $"image/adjudication?{Image}", new { verdict = "Disconfirmed" }), (HttpMethod.Patch, $"workers/{id}", new { state = "setAside", reason = "tried" }),
            (HttpMethod.Patch, $"workers/{id}", new { state = "counted" }), (HttpMethod.Get, "agreement", null), (HttpMethod.Post, "reliability", new { }), (HttpMethod.Delete, "reliability/1", null)])
        {
            using var request = new HttpRequestMessage(method, $"{root}/{path}") { Content = body is null ? null : JsonContent.Create(body) };
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
    }
}

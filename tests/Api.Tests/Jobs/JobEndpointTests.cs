using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

public sealed class JobEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_NewAgainAndDifferent_Is201Then200Then409()
    {
        var name = $"Crabs-{Guid.NewGuid():N}";
        var created = await api.Http.PostAsJsonAsync("/v1/jobs", new { name, batchSize = 10 }, Cancellation);
        Assert.Equal((HttpStatusCode.Created, $"/v1/jobs/{name}"), (created.StatusCode, created.Headers.Location!.ToString()));
        var again = await api.Http.PostAsJsonAsync("/v1/jobs", new { name = name.ToUpperInvariant(), batchSize = 10 }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(name, (await again.JsonAsync()).String("name"));
        Assert.Contains("batchSize is 10", await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name, batchSize = 11 }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_SameAtOnce_IsOneJob()
    {
        var name = $"many-{Guid.NewGuid():N}";
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.Http.PostAsJsonAsync("/v1/jobs", new { name }, Cancellation)));
        Assert.Equal(1, responses.Count(response => response.StatusCode == HttpStatusCode.Created));
        Assert.Equal(19, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("""{"name":"a b"}""", "name")]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":"a","batchSize":0,"workersPerTask":99}""", "workersPerTask: 99 is not from 1 to 9")]
    [InlineData("""{"name":"a","bucketEdges":[90,80]}""", "bucketEdges: bucket edges must ascend")]
    [InlineData("""{"name":"a","minConfidence":101}""", "minConfidence")]
    [InlineData("""{"name":"a","policy":"best"}""", "policy")]
    [InlineData("""{"name":"a","policy":"quorum(4)"}""", "policy: quorum(4) waits for 4 votes, and only 3 workers are asked")]
    [InlineData("""{"name":"a","policy":"quorum(3)","workersPerTask":2}""", "policy: quorum(3) waits for 3 votes, and only 2 workers are asked")]
    [InlineData("""{"name":"a","imageBase":"http://x/"}""", "imageBase")]
    [InlineData("""{"name":"a","batchsice":3}""", "batchsice")]
    [InlineData("""{"name":""", "")]
    [InlineData("""[]""", "")]
    public async Task Create_BadSettings_Is400WithTheField(string body, string detail) =>
        Assert.Contains(detail, await (await api.Http.PostAsync("/v1/jobs", HttpExtensions.Text(body, "application/json"), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);

    [Fact]
    public async Task Create_WrongContentType_Is415() =>
        await (await api.Http.PostAsync("/v1/jobs", HttpExtensions.Text("name=a", "application/x-www-form-urlencoded"), Cancellation)).ProblemAsync(415);

    [Theory]
    [InlineData("GET", "/v1/jobs/none")]
    [InlineData("GET", "/v1/jobs/not%20a%20name")]
    [InlineData("DELETE", "/v1/jobs/none")]
    [InlineData("POST", "/v1/jobs/none/audit")]
    [InlineData("GET", "/v1/jobs/none/classes")]
    [InlineData("GET", "/v1/jobs/none/thresholds")]
    [InlineData("GET", "/v1/jobs/none/tasks")]
    [InlineData("GET", "/v1/jobs/none/tasks/1")]
    [InlineData("GET", "/v1/jobs/none/tasks/next?worker=a")]
    [InlineData("GET", "/v1/jobs/none/images")]
    [InlineData("GET", "/v1/jobs/none/image?url=s3://b/a&label=x")]
    [InlineData("GET", "/v1/jobs/none/export")]
    [InlineData("GET", "/v1/jobs/none/template")]
    [InlineData("GET", "/work/none")]
    [InlineData("GET", "/jobs/none")]
    public async Task AnyCall_UnknownJob_Is404(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        Assert.Contains("There is no job", await (await api.Http.SendAsync(request, Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_PolicyAndState_RefoldsAndCloses()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        await api.Http.VoteAsync(job, Votes(("a", true), ("b", true), ("c", false)));
        Assert.Equal("Split", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single().String("verdict"));
        var changed = await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "majority", state = "closed" }, Cancellation)).JsonAsync();
        Assert.Equal(("majority", "closed"), (changed.String("policy"), changed.String("state")));
        Assert.Equal("Confirmed", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single().String("verdict"));
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("totals").Int("confirmed"));
        Assert.Equal(HttpStatusCode.NoContent, (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=z", Cancellation)).StatusCode);
        Assert.Contains("closed", await (await api.Http.PostAsync($"/v1/jobs/{job}/items", HttpExtensions.Text("b.jpg,Dog,90", "text/csv"), Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "x", state = "ajar" }, Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Get_Progress_AddsUp()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 1 });
        await api.Http.ImportAsync(job, "a.jpg,Dog,90\nb.jpg,Dog,91\nc.jpg,Cat,10");
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://bulkqa/images/c.jpg", label = "Cat", workerId = "a", confirmed = true, submittedAt = "2026-11-01T12:00:00Z" }]);
        var progress = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((3, 1, 2, 1, 1), (progress.Int("images"), progress.Int("reviewed"), progress.Int("tasks"), progress.Int("tasksDone"), progress.Int("votes")));
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), progress.GetProperty("lastVoteAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task List_PageByPage_GivesEveryJobOnce()
    {
        var names = new List<string>();
        for (var i = 0; i < 5; i++) names.Add(await api.Http.CreateJobAsync());
        var found = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await api.Http.GetJsonAsync($"/v1/jobs?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            found.AddRange(page.Items().Select(item => item.String("name")));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        Assert.Equal(found.Distinct(), found);
        Assert.Superset(names.ToHashSet(), found.ToHashSet());
        await (await api.Http.GetAsync("/v1/jobs?cursor=garbage", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync("/v1/jobs?limit=0", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync("/v1/jobs?limit=x", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Delete_Job_Is202AndFreesTheName()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 7 });
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        Assert.Equal(HttpStatusCode.Accepted, (await api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation)).StatusCode);
        await (await api.Http.GetAsync($"/v1/jobs/{job}", Cancellation)).ProblemAsync(404);
        var again = await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, batchSize = 8 }, Cancellation)).JsonAsync();
        Assert.Equal((8, 0), (again.Int("batchSize"), again.Int("images")));
    }

    private static IEnumerable<object> Votes(params (string Worker, bool Confirmed)[] votes) =>
        votes.Select(vote => new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = vote.Worker, confirmed = vote.Confirmed });
}

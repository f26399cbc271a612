using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Who did how much on which day, for those who pay for it and for the workers themselves.</summary>
public sealed class WorkRecordTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Records_OfAJob_CountTasksImagesAndMeasuredSecondsByDay()
    {
        var job = await JobAsync(new { });
        // A whole batch, sent twice and corrected a day later; and single images, the last of them a day later.
        for (var time = 0; time < 2; time++) await AnswerAsync(job, 0, "ann", "2026-11-01T10:00:00Z", true);
        await AnswerAsync(job, 0, "ann", "2026-11-02T10:00:00Z", false);
        await VoteAsync(job, "ann", 2, "2026-11-03T23:59:59Z");
        await VoteAsync(job, "ann", 3, "2026-11-04T00:00:00Z");
        await VoteAsync(job, "bob", 0, "2026-11-01T10:00:00Z");
        Assert.Equal(
            ["worker,name,day,tasks,images,seconds,tasksTimed", "ann,,2026-11-01,1,2,0,0", "ann,,2026-11-03,0,1,0,0", "ann,,2026-11-04,1,1,0,0", "bob,,2026-11-01,0,1,0,0"],
            await LinesAsync($"/v1/jobs/{job}/work-records"));
        Assert.Equal(["ann,,2026-11-03,0,1,0,0"], (await LinesAsync($"/v1/jobs/{job}/work-records?from=2026-11-02&to=2026-11-03")).Skip(1));
        Assert.Equal(["bob,,2026-11-01,0,1,0,0"], (await LinesAsync($"/v1/jobs/{job}/work-records?worker=bob")).Skip(1));
        Assert.Empty((await LinesAsync($"/v1/jobs/{job}/work-records?worker=nobody")).Skip(1));
        using var asJson = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/work-records?worker=bob") { Headers = { Accept = { MediaTypeWithQualityHeaderValue.Parse("application/json") } } };
        var record = Assert.Single((await (await Operator.Http.SendAsync(asJson, Cancellation)).JsonAsync()).EnumerateArray());
        Assert.Equal((job, "bob", "2026-11-01", 0, 1), (record.String("job"), record.String("worker"), record.String("day"), record.Int("tasks"), record.Int("images")));
        foreach (var (query, field) in ((string, string)[])[("from=1.11.2026", "from"), ("from=2026-11-02&to=2026-11-01", "from"), ("format=xml", "format"), ("worker=%20", "worker")])
            Assert.StartsWith($"{field}:", await (await Operator.Http.GetAsync($"/v1/jobs/{job}/work-records?{query}", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        await (await Operator.Http.GetAsync("/v1/jobs/none/work-records", Cancellation)).ProblemAsync(404);
        // Data about people is taken out: that stays.
        Assert.Contains("exportWorkRecords", (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}/changes")).Items().Select(change => change.String("action")));
    }

    /// <summary>An id comes from outside, and a spreadsheet runs what begins like a formula.</summary>
    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@A1")]
    public async Task Records_OfAWorkerWhoseIdIsAFormula_AreTextInASpreadsheet(string worker)
    {
        var job = await JobAsync(new { });
        await VoteAsync(job, worker, 0, "2026-11-01T10:00:00Z");
        Assert.StartsWith($"\"'{worker}\",", (await LinesAsync($"/v1/jobs/{job}/work-records"))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_OfMoreWorkersThanAPartitionTellsOfAtOnce_AreOfAllOnceEach()
    {
        var job = await JobAsync(new { });
        var workers = Enumerable.Range(0, 230).Select(number => $"w{number:D3}").ToList();
        // Two classes, so that pages of parts differ.
        await Operator.Http.ImportAsync(job, "image,label\ns3://b/9,Cat\n");
        await Operator.Http.VoteAsync(job, workers.Select(worker => new { imageUrl = "s3://b/0", label = "Dog", workerId = worker, confirmed = true, submittedAt = "2026-11-01T10:00:00Z" }));
        await Operator.Http.VoteAsync(job, workers.Skip(100).Select(worker => new { imageUrl = "s3://b/9", label = "Cat", workerId = worker, confirmed = true, submittedAt = "2026-11-01T10:00:00Z" }));
        var lines = (await LinesAsync($"/v1/jobs/{job}/work-records")).Skip(1).ToList();
        Assert.Equal(workers.Select((worker, index) => index < 100 ? $"{worker},,2026-11-01,0,1,0,0" : $"{worker},,2026-11-01,1,2,0,0"), lines);
    }

    [Fact]
    public async Task Records_AreForWhoeverRunsTheJobAndNobodyElse()
    {
        var (team, other) = (await TeamAsync(), await TeamAsync());
        var job = await JobAsync(new { teams = (string[])[team] });
        using var worker = await InvitedAsync("worker", team, "=Wanda");
        using var viewer = await InvitedAsync("viewer", team, "Vera");
        using var lead = await InvitedAsync("lead", team, "Lena");
        using var foreign = await InvitedAsync("lead", other, "Otto");
        var task = (await worker.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task");
        await (await worker.Http.AnswerAsync(job, task, null, Boxes(true))).JsonAsync();
        foreach (var path in (string[])[$"/v1/jobs/{job}/work-records", $"/v1/work-records?team={team}"])
        {
            var line = Assert.Single((await LinesAsync(path, lead)).Skip(1)).Split(',');
            var cells = path.Contains("jobs", StringComparison.Ordinal) ? line : line[1..];
            Assert.Equal((worker.PersonId, "\"'=Wanda\"", "1", "2"), (cells[0], cells[1], cells[3], cells[4]));
            foreach (var nobody in (SignedIn[])[worker, viewer, foreign]) Assert.Contains((int)(await nobody.Http.GetAsync(path, Cancellation)).StatusCode, (int[])[403, 404]);
        }
        Assert.Single((await LinesAsync("/v1/work-records", lead)).Skip(1));
        Assert.Empty((await LinesAsync("/v1/work-records", foreign)).Skip(1));
        Assert.StartsWith(job, Assert.Single((await LinesAsync($"/v1/work-records?worker={worker.PersonId}")).Skip(1)), StringComparison.Ordinal);
        Assert.Contains((await LinesAsync("/v1/work-records")).Skip(1), line => line.StartsWith(job, StringComparison.Ordinal));
        await (await Operator.Http.GetAsync("/v1/work-records?team=none", Cancellation)).ProblemAsync(404);
        // No longer the team's job, no longer the lead's business.
        await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { assignment = new { teams = (string[])[other] } }, Cancellation)).JsonAsync();
        Assert.Empty((await LinesAsync($"/v1/work-records?team={team}", lead)).Skip(1));
    }

    [Fact]
    public async Task Records_OfOnesOwn_AreOfAllJobsInPagesAndOnThePage()
    {
        var team = await TeamAsync();
        using var worker = await InvitedAsync("worker", team, "Wim");
        Assert.Contains("answered nothing yet", await (await worker.GetPageAsync("/me/work")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var jobs = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            jobs.Add(await JobAsync(new { teams = (string[])[team] }));
            await (await worker.Http.AnswerAsync(jobs[^1], (await worker.Http.GetJsonAsync($"/v1/jobs/{jobs[^1]}/tasks/next")).Int("task"), null, Boxes(true))).JsonAsync();
        }
        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await worker.Http.GetJsonAsync($"/v1/me/work-records?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            found.AddRange(page.Items().Select(record => $"{record.String("job")} {record.String("worker")} {record.Int("tasks")} {record.Int("images")}"));
            cursor = page.GetProperty("nextCursor").GetString() ?? "";
        }
        while (cursor.Length > 0);
        Assert.Equal(jobs.Order(StringComparer.Ordinal).Select(job => $"{job} {worker.PersonId} 1 2"), found);
        var html = await (await worker.GetPageAsync("/me/work")).Content.ReadAsStringAsync(Cancellation);
        Assert.All(jobs, job => Assert.Contains($"<td><bdi>{job}</bdi></td>", html, StringComparison.Ordinal));
        Assert.Contains("In all 3 batches and 6 images", html, StringComparison.Ordinal);
        Assert.Empty((await worker.Http.GetJsonAsync("/v1/me/work-records?to=2026-01-01")).Items());
        await (await worker.Http.GetAsync("/v1/me/work-records?cursor=x", Cancellation)).ProblemAsync(400);
        using var stranger = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.Http.GetAsync("/v1/me/work-records", Cancellation)).StatusCode);
    }

    private static Dictionary<string, object> Boxes(bool confirmed) => new() { ["Dog-0"] = new { Confirmed = confirmed }, ["Dog-1"] = new { Confirmed = true } };

    private async Task AnswerAsync(string job, int task, string worker, string at, bool confirmed) => await (await Operator.Http.AnswerAsync(job, task, worker, Boxes(confirmed), at)).JsonAsync();

    private Task<JsonElement> VoteAsync(string job, string worker, int image, string at) =>
        Operator.Http.VoteAsync(job, [new { imageUrl = $"s3://b/{image}", label = "Dog", workerId = worker, confirmed = true, submittedAt = at }]);

    private async Task<string[]> LinesAsync(string path, SignedIn? caller = null)
    {
        var response = await (caller ?? Operator).Http.GetAsync(path, Cancellation);
        Assert.Equal((HttpStatusCode.OK, "text/csv"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return (await response.Content.ReadAsStringAsync(Cancellation)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<string> JobAsync(object assignment)
    {
        var job = await Operator.Http.CreateJobAsync(new { batchSize = 2, assignment });
        await Operator.Http.ImportAsync(job, "image,label\ns3://b/0,Dog\ns3://b/1,Dog\ns3://b/2,Dog\ns3://b/3,Dog\n");
        return job;
    }

    private async Task<SignedIn> InvitedAsync(string role, string team, string name)
    {
        var browser = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.TakeAsync(await Operator.InviteAsync(new { role, team }), name, $"{Guid.NewGuid():N}@example.org")).StatusCode);
        await browser.LookAsync();
        return browser;
    }

    private async Task<string> TeamAsync()
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        return team;
    }
}

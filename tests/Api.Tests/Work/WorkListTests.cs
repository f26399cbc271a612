using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>The jobs that somebody may answer, and whose turn it is.</summary>
public sealed class WorkListTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Work_OfATeam_IsItsOpenJobsByPriorityAndDeadline()
    {
        var team = await TeamAsync();
        using var worker = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), "Wanda");
        var (low, high, urgent, closed) = (await JobAsync(new { teams = (string[])[team], priority = 50 }), await JobAsync(new { teams = (string[])[team], priority = 200 }),
            await JobAsync(new { teams = (string[])[team], priority = 200, deadline = "2026-12-24T18:00:00Z" }), await JobAsync(new { teams = (string[])[team], priority = 900 }));
        await JobAsync(new { });
        await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{closed}", new { state = "closed" }, Cancellation)).JsonAsync();
        var work = (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().ToList();
        Assert.Equal([urgent, high, low], work.Select(job => job.String("job")));
        Assert.All(work, job => Assert.Equal((0, 3, true), (job.Int("answered"), job.Int("total"), job.GetProperty("hasTasks").GetBoolean())));
        // What is answered is no longer left, and a job without a batch for the worker has none.
        for (var task = 0; task < 3; task++) await AnswerAsync(worker, high, (await worker.Http.GetJsonAsync($"/v1/jobs/{high}/tasks/next")).Int("task"));
        // Partitions tell of answers now and then.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await HighAsync() != (3, 3, false)) await timer.WaitForNextTickAsync(limit.Token);
        var page = await (await worker.GetPageAsync("/work")).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("3 of 3 answered by you", page, StringComparison.Ordinal);
        Assert.Contains("due <time", page, StringComparison.Ordinal);
        Assert.Contains("Wanda", page, StringComparison.Ordinal);

        async Task<(int Answered, int Total, bool HasTasks)> HighAsync()
        {
            var job = (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().Single(job => job.String("job") == high);
            return (job.Int("answered"), job.Int("total"), job.GetProperty("hasTasks").GetBoolean());
        }
    }

    [Fact]
    public async Task Next_AcrossJobs_HandsOutAllOfEachAndThenNothing()
    {
        var team = await TeamAsync();
        using var worker = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), "Wim");
        var jobs = new[] { await JobAsync(new { teams = (string[])[team], priority = 1 }), await JobAsync(new { teams = (string[])[team], priority = 1000 }) };
        var handed = new List<string>();
        for (var batch = 0; batch < 6; batch++)
        {
            var next = await worker.Http.GetJsonAsync("/v1/work/next");
            handed.Add(next.String("job"));
            await AnswerAsync(worker, next.String("job"), next.GetProperty("task").Int("task"));
        }
        Assert.Equal([3, 3], jobs.Select(job => handed.Count(name => name == job)));
        Assert.Equal(HttpStatusCode.NoContent, (await worker.Http.GetAsync("/v1/work/next", Cancellation)).StatusCode);
        Assert.Equal("/work", (await worker.GetPageAsync("/work-next")).Headers.Location!.OriginalString);
        // Who was at work, with the name that the worker's id stands for.
        var working = Assert.Single((await Operator.Http.GetJsonAsync($"/v1/jobs/{jobs[0]}/working")).EnumerateArray());
        Assert.Equal((worker.PersonId, "Wim", 3), (working.String("workerId"), working.String("name"), working.Int("answered")));
    }

    /// <summary>The page of a batch is told whose turn it is, and pictures where that is its own job; what is gone by then is drawn anew.</summary>
    [Fact]
    public async Task Ahead_AcrossJobs_IsTheJobThatComesNext()
    {
        var team = await TeamAsync();
        using var worker = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), "Willa");
        var jobs = new[] { await JobAsync(new { teams = (string[])[team] }), await JobAsync(new { teams = (string[])[team] }) };
        var held = (await worker.Http.GetJsonAsync($"/v1/jobs/{jobs[0]}/tasks/next")).Int("task");
        var drawn = new HashSet<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (drawn.Count < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            var ahead = await worker.Http.GetJsonAsync($"/work/{jobs[0]}/ahead?task={held}&then=next");
            var next = ahead.String("next");
            drawn.Add(next);
            Assert.Equal(next.EndsWith(jobs[0], StringComparison.Ordinal) ? 1 : 0, ahead.GetProperty("pictures").GetArrayLength());
            var job = Assert.Single(jobs, job => next == $"/work-next?first={job}");
            Assert.Equal($"/work/{job}?then=next", (await worker.GetPageAsync(next)).Headers.Location!.OriginalString);
        }
        // Without a way on to other jobs nothing is drawn.
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await worker.Http.GetJsonAsync($"/work/{jobs[0]}/ahead?task={held}")).GetProperty("next").ValueKind);
        await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{jobs[0]}", new { state = "closed" }, Cancellation)).JsonAsync();
        foreach (var gone in (string[])[jobs[0], "nothing-of-the-kind"])
            Assert.Equal($"/work/{jobs[1]}?then=next", (await worker.GetPageAsync($"/work-next?first={gone}")).Headers.Location!.OriginalString);
    }

    /// <summary>Where there are many, it is by what the process remembers which of them are looked at; what is shown and handed out is as it is now.</summary>
    [Fact]
    public async Task Work_OfATeamWithManyJobs_IsTheFirstByPriorityWhateverTheirNames()
    {
        var team = await TeamAsync();
        using var worker = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), "Walter");
        var names = Enumerable.Range(0, 110).Select(number => $"many-{number:D3}-{Guid.NewGuid():N}").ToList();
        foreach (var (number, name) in names.Index())
            Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PostAsJsonAsync("/v1/jobs", new { name, batchSize = 1, assignment = new { teams = (string[])[team], priority = number == 109 ? 1000 : 10 + number } }, Cancellation)).StatusCode);
        await Operator.Http.ImportAsync(names[109], "image,label\ns3://b/0,Dog\n");
        Assert.Equal(Enumerable.Range(60, 50).Reverse().Select(number => names[number]), await WorkAsync());
        Assert.Equal(names[109], (await worker.Http.GetJsonAsync("/v1/work/next")).String("job"));
        // Remembered, and not believed.
        await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{names[109]}", new { state = "closed" }, Cancellation)).JsonAsync();
        Assert.Equal(names[108], (await WorkAsync())[0]);
        Assert.Equal(HttpStatusCode.NoContent, (await worker.Http.GetAsync("/v1/work/next", Cancellation)).StatusCode);

        async Task<List<string>> WorkAsync() => [.. (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().Select(job => job.String("job"))];
    }

    [Fact]
    public async Task Work_OfAViewerAndOfAStranger_IsRefused()
    {
        using var viewer = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "viewer" }), "Vera");
        Assert.Empty((await viewer.Http.GetJsonAsync("/v1/work")).EnumerateArray());
        Assert.Equal(HttpStatusCode.NoContent, (await viewer.Http.GetAsync("/v1/work/next", Cancellation)).StatusCode);
        await (await viewer.Http.GetAsync($"/v1/work?worker={Operator.PersonId}", Cancellation)).ProblemAsync(403);
        using var stranger = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.Http.GetAsync("/v1/work", Cancellation)).StatusCode);
        Assert.StartsWith("/sign-in", (await stranger.GetPageAsync("/work")).Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(SignedIn worker, string job, int task) =>
        await (await worker.Http.AnswerAsync(job, task, null, new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } })).JsonAsync();

    private async Task<string> JobAsync(object assignment)
    {
        var job = await Operator.Http.CreateJobAsync(new { batchSize = 1, assignment });
        await Operator.Http.ImportAsync(job, "image,label\ns3://b/0,Dog\ns3://b/1,Dog\ns3://b/2,Dog\n");
        return job;
    }

    private async Task<string> TeamAsync()
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        return team;
    }
}

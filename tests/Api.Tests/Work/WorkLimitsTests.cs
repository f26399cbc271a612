using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Jobs that give one worker so much and no more: what a worker and a program are told, and what comes instead.</summary>
public sealed class WorkLimitsTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Next_BeyondALimitThatEnds_SaysWhenItDoesEverywhere()
    {
        var (team, worker) = await WorkerAsync("Pia");
        using var _ = worker;
        var job = await JobAsync(new { teams = (string[])[team], portion = new { tasks = 1, pauseMinutes = 30 }, maxTasksPerDay = 100 });
        var next = await worker.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next");
        Assert.Equal(next.Int("task"), (await worker.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task"));
        await AnswerAsync(worker, job, next.Int("task"));
        using var refused = await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(28), TimeSpan.FromMinutes(30));
        var problem = (await refused.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation))!;
        Assert.Equal((HttpStatusCode.TooManyRequests, "portion", 1, 1), (refused.StatusCode, problem.String("reason"), problem.Int("answered"), problem.Int("limit")));
        Assert.Contains("time for a pause", problem.String("detail"), StringComparison.Ordinal);
        var until = problem.GetProperty("until").GetDateTimeOffset();
        var listed = Assert.Single((await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray());
        Assert.False(listed.GetProperty("hasTasks").GetBoolean());
        Assert.Equal(("portion", until), (listed.GetProperty("refusal").String("reason"), listed.GetProperty("refusal").GetProperty("until").GetDateTimeOffset()));
        using var nothing = await worker.Http.GetAsync("/v1/work/next", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
        Assert.InRange(nothing.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(28), TimeSpan.FromMinutes(30));
        // The same on the pages.
        foreach (var path in (string[])["/work", $"/work/{job}"])
            Assert.Contains("You have answered 1 batch of job", WebUtility.HtmlDecode(await (await worker.GetPageAsync(path)).Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        Assert.Equal("/work", (await worker.GetPageAsync($"/work/{job}?then=next")).Headers.Location!.OriginalString);
        // Longer portions are given at once.
        await PatchAsync(job, new { teams = (string[])[team], portion = new { tasks = 2, pauseMinutes = 30 } });
        await (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).JsonAsync();
    }

    [Fact]
    public async Task Next_AcrossJobs_GoesOnWithAnotherOnceOneHasNoMore()
    {
        var (team, worker) = await WorkerAsync("Paul");
        using var _ = worker;
        var (little, rest) = (await JobAsync(new { teams = (string[])[team], priority = 1000, maxTasksPerWorker = 1 }), await JobAsync(new { teams = (string[])[team], priority = 1 }));
        var handed = new List<string>();
        for (var batch = 0; batch < 4; batch++)
        {
            var next = await worker.Http.GetJsonAsync("/v1/work/next");
            handed.Add(next.String("job"));
            await AnswerAsync(worker, next.String("job"), next.GetProperty("task").Int("task"));
        }
        Assert.Equal((1, 3), (handed.Count(job => job == little), handed.Count(job => job == rest)));
        using var refused = await worker.Http.GetAsync($"/v1/jobs/{little}/tasks/next", Cancellation);
        Assert.Null(refused.Headers.RetryAfter);
        Assert.Contains("one worker answers 1 at most", await refused.ProblemAsync(403), StringComparison.Ordinal);
        using var nothing = await worker.Http.GetAsync("/v1/work/next", Cancellation);
        Assert.Equal((HttpStatusCode.NoContent, null), (nothing.StatusCode, nothing.Headers.RetryAfter));
    }

    [Fact]
    public async Task Answer_ToABatchThatWasSkipped_IsRefusedOnceTheLimitIsReached()
    {
        var (team, worker) = await WorkerAsync("Hoarder");
        using var _ = worker;
        var job = await JobAsync(new { teams = (string[])[team], maxTasksPerDay = 1 });
        var skipped = await SkipAsync(worker, job);
        var held = (await worker.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task");
        // What is kept for the worker is all that is left of the day.
        using var refused = await SendAsync(worker, job, skipped);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.Zero, TimeSpan.FromDays(1));
        var problem = await refused.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation);
        Assert.Equal((HttpStatusCode.TooManyRequests, "maxTasksPerDay", 1), (refused.StatusCode, problem.String("reason"), problem.Int("limit")));
        Assert.StartsWith($"Batch {skipped} is not kept for you, and what you have answered or hold is all that job '{job}' gives one worker on a day: 1. It goes on on ", problem.String("detail"), StringComparison.Ordinal);
        await AnswerAsync(worker, job, held);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(worker, job, skipped)).StatusCode);
        // A correction is no further answer.
        await AnswerAsync(worker, job, held);
        Assert.Equal(1, (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        await PatchAsync(job, new { teams = (string[])[team], maxTasksPerDay = 2 });
        await AnswerAsync(worker, job, skipped);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Answer_ToABatchThatNobodyGave_CountsForTheLimit()
    {
        var (team, worker) = await WorkerAsync("Guesser");
        using var _ = worker;
        var job = await JobAsync(new { teams = (string[])[team], maxTasksPerWorker = 2 });
        foreach (var task in (int[])[2, 0]) await AnswerAsync(worker, job, task);
        Assert.Contains("gives one worker at all: 2.", await (await SendAsync(worker, job, 1)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Contains("one worker answers 2 at most", await (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
        // Without limits anybody may.
        await PatchAsync(job, new { teams = (string[])[team] });
        await AnswerAsync(worker, job, 1);
    }

    [Fact]
    public async Task Next_AfterBatchUponBatchWasSkipped_IsRefusedInWordsEverywhere()
    {
        const int Most = 20;
        var (team, worker) = await WorkerAsync("Skipper");
        using var _ = worker;
        var job = await JobAsync(new { teams = (string[])[team], maxTasksPerWorker = 100 }, images: Most + 2);
        var first = await SkipAsync(worker, job);
        for (var batch = 1; batch < Most; batch++) await SkipAsync(worker, job);
        using var refused = await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation);
        var problem = await refused.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation);
        Assert.Equal((HttpStatusCode.TooManyRequests, "unanswered", Most, Most), (refused.StatusCode, problem.String("reason"), problem.Int("answered"), problem.Int("limit")));
        Assert.NotNull(refused.Headers.RetryAfter);
        worker.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        foreach (var path in (string[])["/work", $"/work/{job}"])
            Assert.Contains($"Sie haben sich heute 20 Stapel des Auftrags „{job}“ geben lassen, ohne sie zu beantworten", WebUtility.HtmlDecode(await (await worker.GetPageAsync(path)).Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        Assert.StartsWith("You have taken 20 batches", (await worker.Http.GetJsonAsync("/v1/work"))[0].GetProperty("refusal").String("detail"), StringComparison.Ordinal);
        await AnswerAsync(worker, job, first);
        await (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).JsonAsync();
    }

    [Fact]
    public async Task Next_OfAJobForTheExperienced_OpensOnceTheWorkerIs()
    {
        var (team, worker) = await WorkerAsync("Ned");
        using var _ = worker;
        var (hard, easy) = (await JobAsync(new { teams = (string[])[team], priority = 1000, minExperience = 2 }), await JobAsync(new { teams = (string[])[team] }));
        Assert.Contains("2 more are missing", await (await worker.Http.GetAsync($"/v1/jobs/{hard}/tasks/next", Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
        var listed = (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().Single(job => job.String("job") == hard).GetProperty("refusal");
        Assert.Equal(("minExperience", 0, 2), (listed.String("reason"), listed.Int("answered"), listed.Int("limit")));
        for (var batch = 0; batch < 2; batch++)
        {
            var next = await worker.Http.GetJsonAsync("/v1/work/next");
            Assert.Equal(easy, next.String("job"));
            await AnswerAsync(worker, easy, next.GetProperty("task").Int("task"));
        }
        // Jobs hear of it within a second or so.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await worker.Http.GetAsync($"/v1/jobs/{hard}/tasks/next", limit.Token)).StatusCode != HttpStatusCode.OK) await timer.WaitForNextTickAsync(limit.Token);
    }

    [Fact]
    public async Task Assignment_WithLimitsThatAreNone_IsRefusedAllAtOnceAndOtherwiseKept()
    {
        var wrong = new { batchSize = 1, assignment = new { maxTasksPerWorker = 0, maxTasksPerDay = 1_000_001, minExperience = 0, portion = new { tasks = 5 } } };
        var detail = await (await Operator.Http.PostAsJsonAsync("/v1/jobs", new { name = "limits-wrong", wrong.batchSize, wrong.assignment }, Cancellation)).ProblemAsync(400);
        Assert.All(["maxTasksPerWorker: 0", "maxTasksPerDay: 1000001", "minExperience: 0", "portion.pauseMinutes: missing"], problem => Assert.Contains($"assignment.{problem}", detail, StringComparison.Ordinal));
        var job = await JobAsync(new { maxTasksPerWorker = 9, maxTasksPerDay = 5, minExperience = 3, portion = new { tasks = 2, pauseMinutes = 15 } });
        var kept = (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("assignment");
        Assert.Equal((9, 5, 3, 2, 15), (kept.Int("maxTasksPerWorker"), kept.Int("maxTasksPerDay"), kept.Int("minExperience"), kept.GetProperty("portion").Int("tasks"), kept.GetProperty("portion").Int("pauseMinutes")));
    }

    private static async Task AnswerAsync(SignedIn worker, string job, int task) => await (await SendAsync(worker, job, task)).JsonAsync();

    private static Task<HttpResponseMessage> SendAsync(SignedIn worker, string job, int task) =>
        worker.Http.AnswerAsync(job, task, null, new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } });

    private static async Task<int> SkipAsync(SignedIn worker, string job)
    {
        var task = (await worker.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task");
        Assert.Equal(HttpStatusCode.NoContent, (await worker.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task}/unshown", new { }, Cancellation)).StatusCode);
        return task;
    }

    private async Task<(string Team, SignedIn Worker)> WorkerAsync(string name)
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        return (team, await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), name));
    }

    private async Task PatchAsync(string job, object assignment) => await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { assignment }, Cancellation)).JsonAsync();

    private async Task<string> JobAsync(object assignment, int images = 3)
    {
        var job = await Operator.Http.CreateJobAsync(new { batchSize = 1, assignment });
        await Operator.Http.ImportAsync(job, $"image,label\n{string.Concat(Enumerable.Range(0, images).Select(image => $"s3://b/{image},Dog\n"))}");
        return job;
    }
}

using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class WorkerEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Votes_OfOneNameInSeveralSpellings_AreOneWorkers()
    {
        var job = await ImportedAsync();
        await VoteAsync(job, "Zo\u00EB", " Zoe\u0308 ", "Zo\u00EB\u00A0");
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        Assert.Equal(["Zo\u00EB"], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items().Select(worker => worker.String("workerId")));
    }

    [Fact]
    public async Task List_WorkersThatLookAlike_NamesThemAndTheJobsPageShowsThem()
    {
        var job = await ImportedAsync();
        await VoteAsync(job, "Anna", "anna", "Bob");
        var workers = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items()
            .Select(worker => $"{worker.String("workerId")}:{string.Join(',', worker.GetProperty("lookAlikes").EnumerateArray().Select(other => other.GetString()))}");
        Assert.Equal(["Anna:anna", "Bob:", "anna:Anna"], workers);
        Assert.Contains("<li><bdi>Anna, anna</bdi></li>", await api.Http.GetStringAsync($"/jobs/{job}", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_PageByPage_GivesEachOnce()
    {
        var job = await ImportedAsync();
        await VoteAsync(job, [.. Enumerable.Range(0, 7).Select(number => $"w{number}")]);
        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers?limit=3{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            found.AddRange(page.Items().Select(worker => worker.String("workerId")));
            cursor = page.GetProperty("nextCursor").GetString() ?? "";
        }
        while (cursor.Length > 0);
        Assert.Equal(Enumerable.Range(0, 7).Select(number => $"w{number}"), found);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/workers?cursor=x", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync("/v1/jobs/none/workers", Cancellation)).ProblemAsync(404);
    }

    [Fact]
    public async Task Get_WorkerWhoSaysTheOpposite_HasRepeatsContradictionsAndAFlag()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, $"s3_image_url,label,confidence\n{string.Join('\n', Enumerable.Range(0, 20).Select(number => $"s3://b/{number},Dog,90"))}\n");
        for (var round = 0; round < 2; round++)
            await api.Http.VoteAsync(job, Enumerable.Range(0, 20).Select(number => new { imageUrl = $"s3://b/{number}", label = "Dog", workerId = "eve", confirmed = round == 0 || number < 5, submittedAt = $"2026-01-0{round + 1}T00:00:00Z" }));
        foreach (var eve in (JsonElement[])[await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/eve"), (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items().Single()])
        {
            var contradictions = eve.GetProperty("contradictions");
            Assert.Equal((20, 15, 20, 75.0), (eve.Int("repeats"), contradictions.Int("count"), contradictions.Int("of"), contradictions.GetProperty("percent").GetDouble()));
            var flag = eve.Items("flags").Single();
            Assert.Equal(("contradictsItself", "said the opposite on 15 of the 20 images it voted on again"), (flag.String("kind"), flag.String("reason")));
        }
    }

    [Fact]
    public async Task GetAcrossJobs_WorkerOfThree_HasEachAsTheJobSaysAndWhatAddsUp()
    {
        var worker = $"Zoë {Guid.NewGuid():N}";
        var jobs = new List<string>();
        foreach (var confirms in (bool[])[true, false, true])
        {
            jobs.Add(await ImportedAsync());
            await api.Http.VoteAsync(jobs[^1], [new { imageUrl = "s3://b/1", label = "Dog", workerId = worker, confirmed = confirms, submittedAt = $"2026-01-0{jobs.Count}T00:00:00Z" }]);
            await VoteAsync(jobs[^1], "ann", "bob");
        }
        var path = $"/v1/workers/{Uri.EscapeDataString(worker)}";
        var found = await api.Http.GetJsonAsync(path);
        Assert.Equal(worker, found.String("workerId"));
        Assert.Equal(jobs.Order(StringComparer.Ordinal), found.Items("jobs").Select(job => job.String("job")));
        foreach (var job in found.Items("jobs"))
            Assert.Equal((await api.Http.GetJsonAsync($"/v1/jobs/{job.String("job")}/workers/{Uri.EscapeDataString(worker)}")).GetRawText(), job.GetRawText());
        var totals = found.GetProperty("totals");
        Assert.Equal((3, 3, 1, 3), (totals.Int("jobs"), totals.Int("votes"), totals.GetProperty("unticked").Int("count"), totals.GetProperty("agreement").Int("of")));
        Assert.Equal(("2026-01-01T00:00:00+00:00", "2026-01-03T00:00:00+00:00"), (totals.String("firstAt"), totals.String("lastAt")));

        await (await api.Http.DeleteAsync($"/v1/jobs/{jobs[1]}", Cancellation)).JsonAsync();
        Assert.Equal(2, (await api.Http.GetJsonAsync(path)).GetProperty("totals").Int("jobs"));
        Assert.Contains("as 'nobody at all'", await (await api.Http.GetAsync("/v1/workers/nobody%20at%20all", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
        await (await api.Http.GetAsync($"{path}?limit=0", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync($"{path}?cursor=x", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync("/v1/workers/%01", Cancellation)).ProblemAsync(400);
    }

    private async Task<string> ImportedAsync()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\ns3://b/1,Dog,90\n");
        return job;
    }

    private async Task VoteAsync(string job, params string[] workers) =>
        await api.Http.VoteAsync(job, workers.Select(worker => new { imageUrl = "s3://b/1", label = "Dog", workerId = worker, confirmed = true }));
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class ReliabilityEndpointTests(SharedApi api)
{
    private const int Images = 360;

    /// <summary>How long an estimate of so few votes may take on a machine that has other things to do, too.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Estimate_ThenAdopted_GivesPosteriorsAndWeightedVerdicts()
    {
        var job = await VotedAsync();
        var accepted = await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { method = "twoCoin", prior = "estimated", smoothing = new { hits = 2, misses = 1 } }, Cancellation);
        Assert.Equal(202, (int)accepted.StatusCode);
        Assert.Equal($"/v1/jobs/{job}/reliability/1", accepted.Headers.Location!.ToString());
        var model = await DoneAsync(job, 1);
        Assert.Equal(("twoCoin", "done", false, 4 * Images), (model.String("method"), model.String("state"), model.GetProperty("adopted").GetBoolean(), model.Int("votes")));
        Assert.True(model.GetProperty("logLikelihood").GetDouble() < 0);
        var workers = model.Items("workers").ToDictionary(worker => worker.String("workerId"));
        Assert.Equal(["ann", "bob", "carl", "eve"], workers.Keys.Order());
        Assert.InRange(workers["ann"].GetProperty("catchesWrong").GetProperty("value").GetDouble(), 0.8, 1);
        Assert.InRange(workers["eve"].GetProperty("catchesWrong").GetProperty("value").GetDouble(), 0, 0.3);
        Assert.NotEqual(JsonValueKind.Null, model.GetProperty("heldOut").ValueKind);
        Assert.False(model.TryGetProperty("heldOutMissing", out _));
        Assert.False((await api.Http.GetJsonAsync($"/v1/jobs/{job}/reliability")).Items().Single().TryGetProperty("workers", out _));

        Assert.Equal(JsonValueKind.Null, (await ImageAsync(job, 0)).GetProperty("posterior").ValueKind);
        var patched = await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "weighted(0.95)", model = 1 }, Cancellation)).JsonAsync();
        Assert.Equal(("weighted(0.95)", 1), (patched.String("policy"), patched.Int("model")));
        var (wrong, right) = (await ImageAsync(job, 0), await ImageAsync(job, 1));
        Assert.Equal(("Disconfirmed", "Confirmed"), (wrong.String("verdict"), right.String("verdict")));
        Assert.InRange(wrong.GetProperty("posterior").GetDouble(), 0, 0.05);
        Assert.InRange(right.GetProperty("posterior").GetDouble(), 0.95, 1);
        // The expected number of right images is the sum of the posteriors, and certain where it was decided.
        var posteriors = new List<double>();
        for (var image = 0; image < Images; image++) posteriors.Add((await ImageAsync(job, image)).GetProperty("posterior").GetDouble());
        var expected = Core.ExpectedCorrect.Of(posteriors, 0.9);
        var row = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?expected=true&level=0.9")).Items("classes").Single();
        Assert.Equal(expected.Mean, row.GetProperty("expectedCorrect").GetDouble(), 1e-6);
        Assert.Equal((expected.Lower, expected.Upper), (row.Int("expectedLower"), row.Int("expectedUpper")));
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/0&label=Dog", new { verdict = "Confirmed" }, Cancellation)).JsonAsync();
        Assert.Equal(expected.Mean, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?expected=true")).Items("classes").Single().GetProperty("expectedCorrect").GetDouble(), 1e-6);
        Assert.Equal(
            expected.Mean + 1 - posteriors[0], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?expected=true&basis=final")).Items("classes").Single().GetProperty("expectedCorrect").GetDouble(), 1e-6);
        // So have exports, each in its way.
        Assert.EndsWith(",Verdict,posterior", (await ExportAsync("csv")).Split('\n')[0].TrimEnd('\r'), StringComparison.Ordinal);
        Assert.EndsWith($",{posteriors[0].ToString("R", CultureInfo.InvariantCulture)}", (await ExportAsync("csv")).Split('\n').Single(line => line.StartsWith("s3://b/0,", StringComparison.Ordinal)).TrimEnd('\r'), StringComparison.Ordinal);
        Assert.Equal(posteriors[0], JsonDocument.Parse(await ExportAsync("fiftyone")).RootElement.Items("samples").Single(sample => sample.String("filepath") == "s3://b/0").GetProperty("posterior").GetDouble());
        Assert.Equal(posteriors[0], JsonDocument.Parse(await ExportAsync("labelstudio")).RootElement.EnumerateArray().Select(task => task.GetProperty("data")).Single(data => data.String("image") == "s3://b/0").GetProperty("posterior").GetDouble());
        Assert.Contains("\"posterior\":", await ExportAsync("groundtruth"), StringComparison.Ordinal);
        // The worker's page of numbers has them, too.
        var eve = await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/eve");
        Assert.Equal(1, eve.GetProperty("reliability").Int("model"));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
        patched = await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "majority", model = 0 }, Cancellation)).JsonAsync();
        Assert.Equal(JsonValueKind.Null, patched.GetProperty("model").ValueKind);
        Assert.EndsWith(",Verdict", (await ExportAsync("csv")).Split('\n')[0].TrimEnd('\r'), StringComparison.Ordinal);

        Task<string> ExportAsync(string format) => api.Http.GetStringAsync($"/v1/jobs/{job}/export?format={format}", Cancellation);
    }

    /// <summary>Both at once: a model that was adopted by whichever came first is gone with the job, and leaves nothing to a job of the same name.</summary>
    [Fact]
    public async Task Adopt_JobDeletedMeanwhile_LeavesNothing()
    {
        var job = await VotedAsync();
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        await DoneAsync(job, 1);
        var adopted = api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "weighted(0.95)", model = 1 }, Cancellation);
        var deleted = api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation);
        Assert.Equal(202, (int)(await deleted).StatusCode);
        Assert.Contains((int)(await adopted).StatusCode, (int[])[200, 400, 404]);
        await (await api.Http.GetAsync($"/v1/jobs/{job}", Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/reliability/1", Cancellation)).ProblemAsync(404);
        await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, policy = "majority" }, Cancellation)).JsonAsync();
        Assert.Empty((await api.Http.GetJsonAsync($"/v1/jobs/{job}/reliability")).Items());
        Assert.Contains("no model 1", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { model = 1 }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Estimate_HardlyAnyVotes_SaysWhyNothingSaysWhichMethodIsBest()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Join('\n', Enumerable.Range(0, 300).Select(number => $"s3://b/{number},Dog,90")));
        await api.Http.VoteAsync(job, Enumerable.Range(0, 300).Select(image => (object)new { imageUrl = $"s3://b/{image}", label = "Dog", workerId = $"w{image % 3}", confirmed = image % 5 > 0, submittedAt = "2026-01-01T00:00:00Z" }));
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        var model = await DoneAsync(job, 1);
        Assert.Equal(JsonValueKind.Null, model.GetProperty("heldOut").ValueKind);
        Assert.Contains("prefer the majority", model.String("heldOutMissing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_ByWorkerPosteriorAndValue_ComePageByPageEachOnce()
    {
        var job = await VotedAsync();
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        await DoneAsync(job, 1);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { model = 1 }, Cancellation)).JsonAsync();
        Assert.Equal(Images / 3, (await ListAsync("&posteriorTo=0.5")).Count);
        Assert.Equal(Images - (Images / 3), (await ListAsync("&posteriorFrom=0.5&sort=confidence")).Count);
        Assert.Equal(Images, (await ListAsync("&worker=eve")).Count);
        Assert.Empty(await ListAsync("&worker=nobody"));
        Assert.Empty(await ListAsync("&worker=nobody&sort=value"));
        var byConfidence = (await ListAsync("&sort=confidence")).Select(image => image.GetProperty("confidence").GetDouble()).ToList();
        Assert.Equal(byConfidence.OrderDescending(), byConfidence);
        Assert.Equal(Images, (await ListAsync("&sort=disagreement")).Select(image => image.String("imageUrl")).Distinct().Count());
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/0&label=Dog", new { verdict = "Disconfirmed" }, Cancellation)).JsonAsync();
        Assert.Equal("s3://b/0", (await ListAsync("&sort=value"))[^1].String("imageUrl"));
        foreach (var query in (string[])["sort=size", "posteriorFrom=2", "posteriorTo=-1", "worker=%00", "sort=value&cursor=x"])
            await (await api.Http.GetAsync($"/v1/jobs/{job}/images?{query}", Cancellation)).ProblemAsync(400);

        async Task<List<JsonElement>> ListAsync(string query)
        {
            var found = new List<JsonElement>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?limit=100{query}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
                found.AddRange(page.Items());
                cursor = page.GetProperty("nextCursor").GetString();
            }
            return found;
        }
    }

    [Fact]
    public async Task Boxes_OfAJobThatDrawsThem_CompareWhatIsDisconfirmed()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 1, boxes = "random(7)" });
        await api.Http.ImportAsync(job, $"s3_image_url,label,confidence\n{string.Join('\n', Enumerable.Range(0, 20).Select(number => $"s3://b/{number},Dog,90"))}\n");
        var (ticked, unticked) = (0, 0);
        for (var task = 0; task < 20; task++)
        {
            var boxes = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task}")).String("boxes");
            if (boxes == "ticked") ticked++;
            else unticked++;
            var answers = new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = boxes == "ticked" } };
            var answered = await api.Http.PostAsync($"/v1/jobs/{job}/tasks/{task}/annotations", HttpExtensions.Text(JsonSerializer.Serialize(new { workerId = "ann", answers, boxes }), "application/json"), Cancellation);
            await answered.JsonAsync();
        }
        var report = await api.Http.GetJsonAsync($"/v1/jobs/{job}/boxes");
        foreach (var boxes in (JsonElement[])[report.GetProperty("total"), report.Items("classes").Single().GetProperty("boxes"), report.Items("workers").Single().GetProperty("boxes")])
        {
            Assert.Equal((ticked, 0), (boxes.GetProperty("ticked").Int("votes"), boxes.GetProperty("ticked").Int("disconfirms")));
            Assert.Equal((unticked, unticked), (boxes.GetProperty("unticked").Int("votes"), boxes.GetProperty("unticked").Int("disconfirms")));
            Assert.Equal(-100.0, boxes.GetProperty("difference").GetProperty("value").GetDouble());
            Assert.InRange(boxes.GetProperty("difference").GetProperty("upper").GetDouble(), -100, -40);
        }
        Assert.True(ticked > 0 && unticked > 0 && report.GetProperty("complete").GetBoolean());
        await (await api.Http.GetAsync("/v1/jobs/none/boxes", Cancellation)).ProblemAsync(404);
    }

    [Fact]
    public async Task Estimate_NobodyVoted_FailsAndSaysSo()
    {
        var job = await api.Http.CreateJobAsync();
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        var model = await DoneAsync(job, 1);
        Assert.Equal(("failed", "nobody has voted yet on an image that is to be judged"), (model.String("state"), model.String("problem")));
        Assert.Contains("failed", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { model = 1 }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Estimate_FromAModel_SaysWhereItBeganAndTakesFewerRounds()
    {
        var job = await VotedAsync();
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        var first = await DoneAsync(job, 1);
        var asked = await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { start = new { model = 1 } }, Cancellation)).JsonAsync();
        Assert.Equal(1, asked.Int("beginsFrom"));
        var second = await DoneAsync(job, 2);
        Assert.True(second.Int("iterations") < first.Int("iterations"), $"{second.Int("iterations")} rounds after {first.Int("iterations")}");
        Assert.Equal(first.GetProperty("logLikelihood").GetDouble(), second.GetProperty("logLikelihood").GetDouble(), 1e-3);
        foreach (var (body, problem) in ((object, string)[])[(new { start = new { model = 9 } }, "no model 9"), (new { start = new { } }, "start.model: it is missing"), (new { method = "oneCoin", start = new { model = 1 } }, "is of method twoCoin")])
            Assert.Contains(problem, await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_DoneOrUnknownModel_IsRefusedInWords()
    {
        var job = await VotedAsync();
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { }, Cancellation)).JsonAsync();
        await DoneAsync(job, 1);
        Assert.Contains("is done", await (await api.Http.DeleteAsync($"/v1/jobs/{job}/reliability/1", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Equal("done", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/reliability/1")).String("state"));
        await (await api.Http.DeleteAsync($"/v1/jobs/{job}/reliability/2", Cancellation)).ProblemAsync(404);
        await (await api.Http.DeleteAsync("/v1/jobs/none/reliability/1", Cancellation)).ProblemAsync(404);
        // It may be done before it is cancelled, and says which.
        await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { tolerance = 1e-14, maxIterations = 10_000 }, Cancellation)).JsonAsync();
        var answer = await api.Http.DeleteAsync($"/v1/jobs/{job}/reliability/2", Cancellation);
        if (answer.StatusCode == System.Net.HttpStatusCode.Conflict) Assert.Equal("done", (await DoneAsync(job, 2)).String("state"));
        else Assert.Equal("cancelled", (await answer.JsonAsync()).String("state"));
    }

    [Fact]
    public async Task Reestimate_GivenAndTakenBack_IsInTheJobAndOnlyThen()
    {
        var job = await api.Http.CreateJobAsync(new { reestimate = new { everyVotes = 500 } });
        Assert.Equal((500, "twoCoin"), await SettingAsync());
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { reestimate = new { everyVotes = 10_000, method = "oneCoin" } }, Cancellation)).JsonAsync();
        Assert.Equal((10_000, "oneCoin"), await SettingAsync());
        // What is left out stays.
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "majority" }, Cancellation)).JsonAsync();
        Assert.Equal((10_000, "oneCoin"), await SettingAsync());
        foreach (var (setting, problem) in ((object, string)[])[(new { everyVotes = 3 }, "reestimate.everyVotes: 3 is not"), (new { everyVotes = 500, method = "threeCoin" }, "reestimate.method"), ("often", "reestimate: often is neither")])
            Assert.Contains(problem, await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { reestimate = setting }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("reestimate.everyVotes", await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name = "never-made", reestimate = new { everyVotes = 3 } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        var stopped = await (await api.Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text("{\"reestimate\":null}", "application/json"), Cancellation)).JsonAsync();
        Assert.Equal(JsonValueKind.Null, stopped.GetProperty("reestimate").ValueKind);

        async Task<(int, string)> SettingAsync()
        {
            var setting = (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("reestimate");
            return (setting.Int("everyVotes"), setting.String("method"));
        }
    }

    [Fact]
    public async Task Estimate_BadSettings_AreAllNamedAtOnce()
    {
        var job = await api.Http.CreateJobAsync();
        var problem = await (await api.Http.PostAsJsonAsync(
            $"/v1/jobs/{job}/reliability", new { method = "threeCoin", prior = 1.5, smoothing = new { hits = 1, misses = 2 }, maxIterations = 0, tolerance = 1 }, Cancellation)).ProblemAsync(400);
        foreach (var field in (string[])["method", "prior", "smoothing", "maxIterations", "tolerance"]) Assert.Contains($"{field}:", problem, StringComparison.Ordinal);
        Assert.Contains("prior", await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/reliability", new { prior = "guessed" }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        await (await api.Http.PostAsJsonAsync("/v1/jobs/none/reliability", new { }, Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/reliability/7", Cancellation)).ProblemAsync(404);
        Assert.Contains("needs a reliability model", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "weighted(0.95)" }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("needs a reliability model", await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name = "weighted-at-once", policy = "weighted(0.95)" }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_OfAJob_HaveTheirNumbersAndFlagsInTheOrderAskedFor()
    {
        var job = await VotedAsync();
        var workers = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items().ToDictionary(worker => worker.String("workerId"));
        var eve = workers["eve"];
        Assert.Equal((Images, "counted"), (eve.Int("votes"), eve.String("state")));
        Assert.Equal((0, Images), (eve.GetProperty("unticked").Int("count"), eve.GetProperty("unticked").Int("of")));
        Assert.Equal((Images / 3, Images / 3), (eve.GetProperty("missedWrong").Int("count"), eve.GetProperty("missedWrong").Int("of")));
        Assert.Equal((0, 2 * Images / 3), (eve.GetProperty("falselyUnticked").Int("count"), eve.GetProperty("falselyUnticked").Int("of")));
        Assert.Equal(["neverUnticks"], eve.Items("flags").Select(flag => flag.String("kind")));
        Assert.Equal(100.0, workers["ann"].GetProperty("agreement").GetProperty("percent").GetDouble());
        Assert.Equal("eve", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers?sort=agreement&limit=1")).Items().Single().String("workerId"));
        Assert.Equal("eve", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers?sort=flags&limit=1")).Items().Single().String("workerId"));
        foreach (var sort in (string[])["id", "votes", "unticked", "agreement", "missedWrong", "speed", "flags"])
        {
            var (found, cursor) = (new List<string>(), "");
            do
            {
                var page = await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers?sort={sort}&limit=1{cursor}");
                found.AddRange(page.Items().Select(worker => worker.String("workerId")));
                cursor = page.GetProperty("nextCursor").GetString() is { } next ? $"&cursor={next}" : "";
            }
            while (cursor.Length > 0);
            Assert.Equal(["ann", "bob", "carl", "eve"], found.Order());
        }
        await (await api.Http.GetAsync($"/v1/jobs/{job}/workers?sort=age", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/workers/nobody", Cancellation)).ProblemAsync(404);
    }

    [Fact]
    public async Task SetAside_ThenCounted_ChangesTheTableAtOnceAndWantsAReason()
    {
        var job = await VotedAsync();
        var path = $"/v1/jobs/{job}/workers/eve";
        foreach (var (body, field) in ((object, string)[])[(new { state = "setAside" }, "reason"), (new { state = "gone" }, "state"), (new { state = "setAside", reason = new string('x', 301) }, "reason")])
            Assert.Contains(field, await (await api.Http.PatchAsJsonAsync(path, body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        var worker = await (await api.Http.PatchAsJsonAsync(path, new { state = "setAside", reason = "ticks everything" }, Cancellation)).JsonAsync();
        Assert.Equal(("setAside", "ticks everything"), (worker.String("state"), worker.GetProperty("setAside").String("reason")));
        var info = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((3 * Images, "eve"), (info.Int("votes"), info.Items("setAside").Single().GetString()));
        Assert.Equal(3, (await ImageAsync(job, 0)).Int("disconfirms"));
        // The export says whose votes count, and has no other.
        var csv = await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=votes", Cancellation);
        Assert.DoesNotContain("eve", csv, StringComparison.Ordinal);
        Assert.Equal("votes_set_aside:1", (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=csv", Cancellation)).Split('\n') is var lines ? $"{lines[0].TrimEnd('\r').Split(',')[^1]}:{lines[1].TrimEnd('\r').Split(',')[^1]}" : "");
        Assert.Contains("\"setAside\":true", await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation), StringComparison.Ordinal);
        worker = await (await api.Http.PatchAsJsonAsync(path, new { state = "counted" }, Cancellation)).JsonAsync();
        Assert.Equal("counted", worker.String("state"));
        Assert.Equal(4 * Images, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        // Both leave a trace, in the worker and in its images; what is sent again late changes nothing.
        foreach (var decided in (JsonElement[])[worker, await api.Http.GetJsonAsync($"/v1/jobs/{job}/image/history?url=s3://b/0&label=Dog")])
            Assert.Equal(["1 eve setAside ticks everything", "2 eve counted "], decided.Items("decisions").Select(each => $"{each.Int("number")} {each.String("workerId")} {each.String("state")} {each.GetProperty("reason").GetString()}"));
        Assert.Contains("Decision 2 is the last about worker 'eve'", await (await api.Http.PatchAsJsonAsync(path, new { state = "setAside", reason = "ticks everything", after = 0 }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        worker = await (await api.Http.PatchAsJsonAsync(path, new { state = "setAside", reason = "still does", after = 2 }, Cancellation)).JsonAsync();
        Assert.Equal(("setAside", 3), (worker.String("state"), worker.Items("decisions").Count()));
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/nobody", new { state = "counted" }, Cancellation)).ProblemAsync(404);
    }

    /// <summary>By hand: of 360 images 120 have three disconfirms and a confirm, 240 four confirms.</summary>
    [Fact]
    public async Task Agreement_OfAJob_IsKrippendorffsAlphaByClassAndDay()
    {
        var job = await VotedAsync();
        var agreement = await api.Http.GetJsonAsync($"/v1/jobs/{job}/agreement");
        var (confirms, disconfirms, votes) = (1_080.0, 360.0, 1_440.0);
        var alpha = 1 - ((votes - 1) * (120 * 2.0 * 1 * 3 / 3) / (2 * confirms * disconfirms));
        Assert.Equal(alpha, agreement.GetProperty("total").GetProperty("alpha").GetDouble(), 1e-9);
        Assert.Equal(("Dog", Images), (agreement.Items("classes").Single().String("label"), agreement.Items("classes").Single().Int("images")));
        Assert.Equal("2026-01-01", agreement.Items("days").Single().String("day"));
        await (await api.Http.GetAsync("/v1/jobs/none/agreement", Cancellation)).ProblemAsync(404);
    }

    private async Task<JsonElement> ImageAsync(string job, int number) => await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/{number}&label=Dog");

    private async Task<JsonElement> DoneAsync(string job, int model)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = await api.Http.GetJsonAsync($"/v1/jobs/{job}/reliability/{model}");
            if (found.String("state") != "running") return found;
            if (Stopwatch.GetElapsedTime(began) > _patience) Assert.Fail($"model {model} of job {job} is still running after {_patience}: {found}; operations: {await api.Http.GetJsonAsync($"/v1/jobs/{job}/operations")}");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>Dogs, of which every third is none: ann, bob and carl see it, eve confirms everything.</summary>
    private async Task<string> VotedAsync()
    {
        var job = await api.Http.CreateJobAsync(new { policy = "majority", workersPerTask = 4 });
        await api.Http.ImportAsync(job, $"s3_image_url,label,confidence\n{string.Join('\n', Enumerable.Range(0, Images).Select(number => $"s3://b/{number},Dog,{80 + (number % 20)}"))}\n");
        await api.Http.VoteAsync(job, from image in Enumerable.Range(0, Images)
                                      from worker in (string[])["ann", "bob", "carl", "eve"]
                                      select (object)new { imageUrl = $"s3://b/{image}", label = "Dog", workerId = worker, confirmed = worker == "eve" || image % 3 > 0, submittedAt = "2026-01-01T00:00:00Z" });
        return job;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api.Tests;

public sealed class TargetEndpointTests(SharedApi api)
{
    private static readonly object _settings = new { batchSize = 5, workersPerTask = 1, policy = "majority", order = "random(7)" };
    private static readonly object _oneInTen = new { maxIncorrectPerCorrect = 0.1, level = 0.95, per = "class" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => api.Http;

    /// <summary>Workers answer what they are handed until there is nothing left; somebody looks after every answer.</summary>
    [Fact]
    public async Task Decisions_LookedAtAfterEveryAnswer_AreByTheNumbersThenAndEndTheHandingOut()
    {
        var job = await JobAsync(Http, ("Cat", 60), ("Dog", 100));
        var before = await PutAsync(Http, job, _oneInTen);
        Assert.Equal((0.1, 0.95, "class", 1, 0), (before.GetProperty("maxIncorrectPerCorrect").GetDouble(), before.GetProperty("level").GetDouble(), before.String("per"), before.Int("revision"), before.Int("members")));
        Assert.Equal((JsonValueKind.Null, "this machine"), (before.GetProperty("fixedAt").ValueKind, before.String("by")));
        var (recorded, reviewed) = (new Dictionary<string, string>(), new Dictionary<string, int> { ["Cat"] = 0, ["Dog"] = 0 });
        for (var answers = 0; await NextAsync(Http, job) is { } task; answers++)
        {
            Assert.InRange(answers, 0, 31);
            var label = task.String("label");
            // Cats are all right, dogs all wrong.
            await (await Http.AnswerAsync(job, task.Int("task"), "ann", task.Items("images").ToDictionary(image => image.String("box"), _ => new { Confirmed = label == "Cat" }))).JsonAsync();
            reviewed[label] += 5;
            foreach (var item in (await Http.GetJsonAsync($"/v1/jobs/{job}/decisions")).Items())
            {
                var (name, images) = (item.String("label"), item.Int("images"));
                var counts = new ReviewCounts(images, reviewed[name], name == "Cat" ? reviewed[name] : 0);
                Assert.Equal((counts.Reviewed, counts.Incorrect), (item.Int("reviewed"), item.Int("incorrect")));
                if (recorded.TryGetValue(name, out var earlier))
                {
                    Assert.Equal(earlier, $"{item.String("state")} {item.GetProperty("decidedAt")} {item.GetProperty("atDecision")}");
                    continue;
                }
                var expected = TargetTest.Decide(counts, 0.1, 0.025);
                Assert.Equal(expected.ToString().ToLowerInvariant(), item.String("state"));
                if (expected == TargetVerdict.Open) continue;
                Assert.Equal((images, reviewed[name]), (item.GetProperty("atDecision").Int("images"), item.GetProperty("atDecision").Int("reviewed")));
                recorded[name] = $"{item.String("state")} {item.GetProperty("decidedAt")} {item.GetProperty("atDecision")}";
            }
        }
        Assert.StartsWith("pass", recorded["Cat"], StringComparison.Ordinal);
        Assert.StartsWith("fail", recorded["Dog"], StringComparison.Ordinal);
        Assert.All(reviewed, entry => Assert.InRange(entry.Value, 5, entry.Key == "Cat" ? 55 : 50));
        var now = await Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((32, 32), (now.Int("tasks"), now.Int("tasksDone") + now.Int("tasksSkipped")));
        var target = await Http.GetJsonAsync($"/v1/jobs/{job}/target");
        Assert.Equal((2, 1, 1, 0, 0), (target.Int("members"), target.Int("pass"), target.Int("fail"), target.Int("open"), target.Int("void")));
        var page = await (await Http.GetAsync($"/jobs/{job}", Cancellation)).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("target: pass", page, StringComparison.Ordinal);
        Assert.Contains("no longer wanted", page, StringComparison.Ordinal);
        // A closed job keeps what was decided.
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { state = "closed" }, Cancellation)).JsonAsync();
        Assert.Equal(recorded.Count, (await Http.GetJsonAsync($"/v1/jobs/{job}/decisions")).Items().Count(item => item.String("state") is "pass" or "fail"));
    }

    [Fact]
    public async Task Decisions_PerBucketInPages_NameBucketsAndGoOn()
    {
        var job = await Http.CreateJobAsync(_settings);
        await Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Join('\n', Enumerable.Range(0, 40).Select(number => $"s3://b/{number},Dog,{(number % 4 == 3 ? "" : 80 + (number % 4 * 5))}")));
        await PutAsync(Http, job, new { maxIncorrectPerCorrect = 0, per = "classAndBucket" });
        var found = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await Http.GetJsonAsync($"/v1/jobs/{job}/decisions?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            found.AddRange(page.Items().Select(item => $"{item.String("bucket")} {item.String("state")}"));
            if ((cursor = page.GetProperty("nextCursor").GetString()) is null) break;
        }
        Assert.Equal(["80-85 open", "85-90 open", "90-95 open", "unknown open"], found);
        Assert.Contains("cursor", await (await Http.GetAsync($"/v1/jobs/{job}/decisions?cursor=abc", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("limit", await (await Http.GetAsync($"/v1/jobs/{job}/decisions?limit=0", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    /// <summary>Once a bucket is decided, what is reviewed of a class is more of its others: only what weighs buckets by their images is about the class, also after the target is gone.</summary>
    [Fact]
    public async Task Classes_OfAJobThatDecidesBuckets_PoolNone()
    {
        var job = await Http.CreateJobAsync(_settings);
        await Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Join('\n', Enumerable.Range(0, 40).Select(number => $"s3://b/{number},Dog,{(number % 4 == 0 ? 82 : 98)}")));
        await PutAsync(Http, job, new { maxIncorrectPerCorrect = 0.1, per = "classAndBucket" });
        Assert.Contains("a target for each class and bucket", await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = new { minCorrectPercent = 90 } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{job}/target", Cancellation)).StatusCode);
        var task = (await NextAsync(Http, job))!.Value;
        await (await Http.AnswerAsync(job, task.Int("task"), "ann", task.Items("images").ToDictionary(image => image.String("box"), _ => new { Confirmed = true }))).JsonAsync();
        var row = (await Http.GetJsonAsync($"/v1/jobs/{job}/classes?level=0.95")).Items("classes").Single();
        Assert.False(row.TryGetProperty("lower", out _));
        Assert.True(row.GetProperty("weighted").TryGetProperty("lower", out _));
        foreach (var call in (string[])["thresholds?method=continuous&targetPrecision=0.9", "thresholds?method=parity", "calibration", "compare?a=2026-01-01&b=2026-01-02", "timeline?minCorrectPercent=90"])
            Assert.Contains("for each class and bucket", await (await Http.GetAsync($"/v1/jobs/{job}/{call}", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_PerBucketOfAWatchedJob_IsRefused()
    {
        var job = await Http.CreateJobAsync(new { batchSize = 5, workersPerTask = 1, order = "random(7)", alarm = new { minCorrectPercent = 90 } });
        Assert.Contains("alarm", await (await Http.PutAsJsonAsync($"/v1/jobs/{job}/target", new { maxIncorrectPerCorrect = 0.1, per = "classAndBucket" }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        await PutAsync(Http, job, _oneInTen);
    }

    /// <summary>What was looked at under two rules has no level.</summary>
    [Fact]
    public async Task Target_RulesChangedAfterTheFirstLook_SaysThatItsLevelLapsedUntilItIsGivenAnew()
    {
        var job = await JobAsync(Http, ("Cat", 40));
        await PutAsync(Http, job, _oneInTen);
        var task = (await NextAsync(Http, job))!.Value;
        await (await Http.AnswerAsync(job, task.Int("task"), "ann", task.Items("images").ToDictionary(image => image.String("box"), _ => new { Confirmed = true }))).JsonAsync();
        Assert.False((await Http.GetJsonAsync($"/v1/jobs/{job}/target")).TryGetProperty("lapsed", out _));
        await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "unanimous" }, Cancellation)).JsonAsync();
        Assert.Contains("under two rules", (await Http.GetJsonAsync($"/v1/jobs/{job}/target")).String("lapsed"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{job}/target", Cancellation)).StatusCode);
        Assert.False((await PutAsync(Http, job, _oneInTen)).TryGetProperty("lapsed", out _));
    }

    [Fact]
    public async Task Target_TakenAwayAndGivenAgain_IsRecorded()
    {
        var job = await JobAsync(Http, ("Cat", 10));
        foreach (var path in (string[])["target", "decisions"]) Assert.Contains("has no target", await (await Http.GetAsync($"/v1/jobs/{job}/{path}", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{job}/target", Cancellation)).StatusCode);
        await PutAsync(Http, job, _oneInTen);
        Assert.Equal(1, (await PutAsync(Http, job, _oneInTen)).Int("revision"));
        for (var times = 0; times < 2; times++) Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{job}/target", Cancellation)).StatusCode);
        await (await Http.GetAsync($"/v1/jobs/{job}/target", Cancellation)).ProblemAsync(404);
        var target = await PutAsync(Http, job, new { maxIncorrectPerCorrect = 0.2 });
        Assert.Equal(
            [(1, 0.1, "class"), (2, null, null), (3, 0.2, "class")],
            target.Items("changes").Select(change => (change.Int("revision"), change.GetProperty("maxIncorrectPerCorrect") is { ValueKind: JsonValueKind.Number } ratio ? ratio.GetDouble() : (double?)null, change.GetProperty("per").GetString())));
    }

    [Theory]
    [InlineData("""{"level":0.95}""", "maxIncorrectPerCorrect")]
    [InlineData("""{"maxIncorrectPerCorrect":-0.1}""", "maxIncorrectPerCorrect")]
    [InlineData("""{"maxIncorrectPerCorrect":0.1,"level":0}""", "level")]
    [InlineData("""{"maxIncorrectPerCorrect":0.1,"level":1}""", "level")]
    [InlineData("""{"maxIncorrectPerCorrect":0.1,"per":"job"}""", "per")]
    public async Task Put_WhatCannotBe_IsRefusedByField(string body, string field)
    {
        var job = await JobAsync(Http, ("Cat", 10));
        Assert.StartsWith($"{field}: ", await (await Http.PutAsync($"/v1/jobs/{job}/target", HttpExtensions.Text(body, "application/json"), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asCut")]
    [InlineData("byValue")]
    public async Task Put_JobThatIsNotRandom_IsRefusedWithWhatToDo(string order)
    {
        var job = await Http.CreateJobAsync(new { order });
        var why = await (await Http.PutAsJsonAsync($"/v1/jobs/{job}/target", _oneInTen, Cancellation)).ProblemAsync(409);
        Assert.Contains(order, why, StringComparison.Ordinal);
        Assert.Contains("\"order\":\"random(7)\"", why, StringComparison.Ordinal);
        await (await Http.PutAsJsonAsync($"/v1/jobs/none-{job}/target", _oneInTen, Cancellation)).ProblemAsync(404);
    }

    /// <summary>Of a process that was killed.</summary>
    [Fact]
    public async Task Decisions_AfterACrash_AreAsTheyWere()
    {
        using var folder = new TemporaryFolder();
        var (job, before) = ("", "");
        await using (var first = await ApiProcess.StartAsync(folder.Path))
        {
            job = await JobAsync(first.Http, ("Dog", 40));
            await PutAsync(first.Http, job, _oneInTen);
            while (await NextAsync(first.Http, job) is { } task)
            {
                await (await first.Http.AnswerAsync(job, task.Int("task"), "ann", task.Items("images").ToDictionary(image => image.String("box"), _ => new { Confirmed = false }))).JsonAsync();
                before = (await first.Http.GetJsonAsync($"/v1/jobs/{job}/decisions")).GetRawText();
            }
            await first.KillAsync();
        }
        await using var second = await ApiProcess.StartAsync(folder.Path);
        Assert.Contains("\"fail\"", before, StringComparison.Ordinal);
        Assert.Null(await NextAsync(second.Http, job));
        Assert.Equal(before, (await second.Http.GetJsonAsync($"/v1/jobs/{job}/decisions")).GetRawText());
    }

    private static async Task<string> JobAsync(HttpClient http, params (string Label, int Images)[] classes)
    {
        var job = await http.CreateJobAsync(_settings);
        await http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Join('\n', classes.SelectMany(entry => Enumerable.Range(0, entry.Images).Select(number => $"s3://b/{entry.Label}/{number},{entry.Label},90"))));
        return job;
    }

    private static async Task<JsonElement> PutAsync(HttpClient http, string job, object target) => await (await http.PutAsJsonAsync($"/v1/jobs/{job}/target", target, Cancellation)).JsonAsync();

    private static async Task<JsonElement?> NextAsync(HttpClient http, string job)
    {
        var response = await http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation);
        return response.StatusCode == HttpStatusCode.NoContent ? null : await response.JsonAsync();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Gold from its import to what it says of workers: images <c>s3://b/right-*</c> and <c>s3://b/wrong-*</c>, and no other.</summary>
public sealed class GoldTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Everything that must not know of gold doesn't, and everything that must does.</summary>
    [Fact]
    public async Task Job_WithGoldMixedIn_CountsItForWorkersAlone()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 10, workersPerTask = 1, gold = new { oneIn = 5, seed = 3 } });
        Assert.Equal((5, 3), (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("gold") is var mix ? (mix.Int("oneIn"), mix.Int("seed")) : default);
        // Gold first, in the same file; each line of the corpus once more changes nothing.
        var csv = "image,label,confidence,gold\n" + Lines(6, 24);
        var read = await api.Http.ImportAsync(job, csv);
        Assert.Equal((30, 6, "gold"), (read.Int("accepted"), read.Int("gold"), read.GetProperty("read").GetProperty("columns").String("gold")));
        Assert.Equal((0, 30), (await api.Http.ImportAsync(job, csv)) is var again ? (again.Int("accepted"), again.Int("duplicates")) : default);

        // Nor can Ground Truth's workers tell.
        foreach (var line in (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=manifest", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var inputs = await api.ReadObjectAsync(JsonDocument.Parse(line).RootElement.String("source-ref"));
            Assert.DoesNotContain("gold", inputs, StringComparison.OrdinalIgnoreCase);
            Assert.Single(JsonDocument.Parse(inputs).RootElement.EnumerateArray().Select(image => string.Join(',', image.EnumerateObject().Select(property => property.Name))).Distinct());
            Assert.Equal(10, JsonDocument.Parse(inputs).RootElement.GetArrayLength());
        }

        // Nor can those who have BulkQA's own page.
        Assert.DoesNotContain("gold", await api.Http.GetStringAsync($"/work/{job}?worker=ann", Cancellation), StringComparison.OrdinalIgnoreCase);

        // ann is right on everything but gold that is wrong, which she misses; what workers see names no gold.
        var shown = new List<string>();
        for (var task = await NextAsync(job, "ann"); task is { } batch; task = await NextAsync(job, "ann"))
        {
            Assert.DoesNotContain("gold", batch.GetRawText(), StringComparison.OrdinalIgnoreCase);
            Assert.Equal(10, batch.Items("images").Count());
            shown.AddRange(batch.Items("images").Select(image => image.String("imageUrl")));
            await AnswerAsync(job, "ann", batch, _ => true);
        }
        Assert.Equal(24, shown.Count(url => url.Contains("/image-", StringComparison.Ordinal)));
        var (right, wrong) = (shown.Count(url => url.Contains("/right-", StringComparison.Ordinal)), shown.Count(url => url.Contains("/wrong-", StringComparison.Ordinal)));
        Assert.Equal(6, right + wrong);

        var status = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((24, 24, 24, 3, 3), (status.Int("images"), status.Int("reviewed"), status.Int("votes"), status.Int("tasks"), status.Int("tasksDone")));
        Assert.Equal(24, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?limit=100")).Items().Count());
        Assert.Equal(24, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?limit=100&sort=confidence")).Items().Count());
        Assert.Equal(24, (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation)).TrimEnd().Split('\n').Length);

        var ann = await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/ann");
        var gold = ann.GetProperty("gold");
        Assert.Equal((24, wrong, wrong, 0, right), (ann.Int("votes"), gold.GetProperty("missedWrong").Int("count"), gold.GetProperty("missedWrong").Int("of"),
            gold.GetProperty("falselyUnticked").Int("count"), gold.GetProperty("falselyUnticked").Int("of")));
        var pool = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/gold")).Items().ToList();
        Assert.Equal((6, 6), (pool.Count, pool.Sum(image => image.Int("confirms") + image.Int("disconfirms"))));
        Assert.Equal(pool.Select(image => image.String("imageUrl")), await PagedAsync($"/v1/jobs/{job}/gold?limit=4"));
        Assert.Equal("wrong", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/wrong-1&label=Dog")).String("gold"));
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/wrong-1&label=Dog", new { verdict = "Confirmed" }, Cancellation)).ProblemAsync(409);
    }

    [Fact]
    public async Task Gold_ThatMostVotesContradict_IsDoubtful()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 4, workersPerTask = 3, gold = new { oneIn = 2 } });
        await api.Http.ImportAsync(job, "image,label,confidence,gold\n" + Lines(2, 2));
        foreach (var worker in (string[])["ann", "bob", "cid"])
            await AnswerAsync(job, worker, (await NextAsync(job, worker))!.Value, url => !url.Contains("/right-", StringComparison.Ordinal) || worker == "cid");
        // Both are confirmed but by two of three workers, who disconfirm the one that is right.
        Assert.Equal(
            ["s3://b/right-0 right 1:2 True", "s3://b/wrong-1 wrong 3:0 True"],
            (await api.Http.GetJsonAsync($"/v1/jobs/{job}/gold?doubtful=true")).Items()
                .Select(image => $"{image.String("imageUrl")} {image.String("gold")} {image.Int("confirms")}:{image.Int("disconfirms")} {image.GetProperty("doubtful").GetBoolean()}"));
        Assert.Equal(6, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    /// <summary>Who passes goes on, who fails gets nothing and is told why, and both batches count for no table.</summary>
    [Fact]
    public async Task Qualification_OfPassMark_LetsThoseOnWhoReachIt()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 4, workersPerTask = 2, qualification = new { passMark = 75 } });
        await api.Http.ImportAsync(job, "image,label,confidence\n" + Lines(0, 4, withGold: false));
        Assert.Contains("import more gold", await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        await api.Http.ImportAsync(job, "image,label,gold\n" + string.Concat(Enumerable.Range(0, 4).Select(number => $"s3://b/{(number % 2 == 0 ? "right" : "wrong")}-{number},Dog,{(number % 2 == 0 ? "right" : "wrong")}\n")));

        var ann = await QualifyAsync("ann", url => url.Contains("/right-", StringComparison.Ordinal) || url.EndsWith("wrong-1", StringComparison.Ordinal));
        Assert.Contains("/image-", ann!.Value.Items("images").First().String("imageUrl"), StringComparison.Ordinal);
        Assert.Null(await QualifyAsync("bob", _ => true));
        var reason = await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=bob", Cancellation)).ProblemAsync(403);
        Assert.Equal($"You answered 2 of your first 4 images correctly; job '{job}' asks for 75 %. It has no batches for you.", reason);
        Assert.Contains("asks for 75 %", await api.Http.GetStringAsync($"/work/{job}?worker=bob", Cancellation), StringComparison.Ordinal);

        // Neither what was decided nor a task that was not handed out is open to who failed, or has yet to qualify.
        var task = ann.Value.Int("task");
        object boxes = ann.Value.Items("images").ToDictionary(image => image.String("box"), _ => new { Confirmed = true });
        Assert.Contains("asks for 75 %", await (await api.Http.AnswerAsync(job, task, "bob", boxes)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Contains("before any other", await (await api.Http.AnswerAsync(job, task, "cid", boxes)).ProblemAsync(403), StringComparison.Ordinal);
        foreach (var gold in Enumerable.Range(0, 9).Where(number => number != task))
            if (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/{gold}", Cancellation) is { IsSuccessStatusCode: true })
                Assert.Contains("can't be changed", await (await api.Http.AnswerAsync(job, gold, "bob", boxes)).ProblemAsync(409), StringComparison.Ordinal);

        var status = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((4, 0, 1), (status.Int("images"), status.Int("votes"), status.Int("tasks")));
        Assert.Single((await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks")).Items());

        async Task<JsonElement?> QualifyAsync(string worker, Func<string, bool> confirms)
        {
            var batch = (await NextAsync(job, worker))!.Value;
            Assert.Equal(4, batch.Items("images").Count());
            Assert.DoesNotContain("/image-", batch.GetRawText(), StringComparison.Ordinal);
            await AnswerAsync(job, worker, batch, confirms);
            return await NextAsync(job, worker);
        }
    }

    /// <summary>With who, when and why, on the worker's page too; and of somebody who has answered nothing.</summary>
    [Fact]
    public async Task Qualification_DecidedByAnOperator_StandsAndIsShown()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 4, workersPerTask = 2, qualification = new { passMark = 75 } });
        await api.Http.ImportAsync(job, "image,label,confidence\n" + Lines(0, 4, withGold: false));
        await api.Http.ImportAsync(job, "image,label,gold\n" + string.Concat(Enumerable.Range(0, 4).Select(number => $"s3://b/{(number % 2 == 0 ? "right" : "wrong")}-{number},Dog,{(number % 2 == 0 ? "right" : "wrong")}\n")));
        await AnswerAsync(job, "bob", (await NextAsync(job, "bob"))!.Value, _ => true);
        Assert.Equal(("failed", 2, 4, null), Shown(await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/bob")));

        Assert.Equal(("passed", 0, 0, "granted"), Shown(await RuleAsync("bob", new { qualification = "granted" })));
        Assert.NotNull(await NextAsync(job, "bob"));
        var refused = await RuleAsync("bob", new { qualification = "refused", reason = "sells the job on", after = 1 });
        Assert.Equal(("failed", 0, 0, "refused"), Shown(refused));
        Assert.Equal(["1  granted ", "2  refused sells the job on"], refused.Items("decisions").Select(each => $"{each.Int("number")} {each.GetProperty("state").GetString()} {each.String("qualification")} {each.GetProperty("reason").GetString()}"));
        Assert.Contains("has decided that it has no batches for you", await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=bob", Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Contains("has decided that it has no batches for you", await api.Http.GetStringAsync($"/work/{job}?worker=bob", Cancellation), StringComparison.Ordinal);
        Assert.Equal(("failed", 2, 4, null), Shown(await RuleAsync("bob", new { qualification = "asAnswered" })));
        Assert.Equal(("open", 0, 0, "again"), Shown(await RuleAsync("bob", new { qualification = "again", reason = "a second chance" })));
        await AnswerAsync(job, "bob", (await NextAsync(job, "bob"))!.Value, url => url.Contains("/right-", StringComparison.Ordinal));
        Assert.Equal(("passed", 4, 4, "again"), Shown(await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/bob")));

        var dan = await RuleAsync("dan", new { qualification = "granted" });
        Assert.Equal((0, "passed"), (dan.Int("votes"), dan.GetProperty("qualification").String("state")));
        Assert.Contains("/image-", (await NextAsync(job, "dan"))!.Value.Items("images").First().String("imageUrl"), StringComparison.Ordinal);
        foreach (var (change, field) in ((object, string)[])
            [(new { qualification = "perhaps" }, "qualification"), (new { qualification = "refused" }, "reason"), (new { qualification = "granted", state = "counted" }, "qualification"), (new { }, "state")])
            Assert.StartsWith($"{field}:", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/bob", change, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/bob", new { qualification = "granted", after = 1 }, Cancellation)).ProblemAsync(409);
        var plain = await api.Http.CreateJobAsync();
        Assert.Contains("asks for none", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{plain}/workers/bob", new { qualification = "granted" }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);

        async Task<JsonElement> RuleAsync(string worker, object change) => await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/{worker}", change, Cancellation)).JsonAsync();

        static (string, int, int, string?) Shown(JsonElement worker) =>
            worker.GetProperty("qualification") is var found ? (found.String("state"), found.Int("hits"), found.Int("images"), found.GetProperty("decision").GetString()) : default;
    }

    [Fact]
    public async Task Import_GoldThatContradicts_IsRejectedAndTheFirstStands()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "image,label,confidence,gold\ns3://b/a,Dog,90,right\ns3://b/b,Dog,91,\n");
        var read = await api.Http.ImportAsync(job, "image,label,confidence,gold\ns3://b/a,Dog,90,wrong\ns3://b/a,Dog,90,\ns3://b/b,Dog,91,right\ns3://b/c,Dog,92,perhaps\ns3://b/a,Dog,90,correct\n");
        Assert.Equal((0, 1, 4), (read.Int("accepted"), read.Int("duplicates"), read.Int("rejectedCount")));
        Assert.Contains("gold 'perhaps' is neither right nor wrong", read.Items("rejected").Single(line => line.Int("line") == 5).String("reason"), StringComparison.Ordinal);
        Assert.Contains("another known answer", read.Items("rejected").First().String("reason"), StringComparison.Ordinal);
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"));
    }

    [Fact]
    public async Task Create_BadGold_IsRefusedWithEveryReason()
    {
        var response = await api.Http.PostAsJsonAsync("/v1/jobs", new { name = "job", gold = new { oneIn = 1, seed = -1 }, qualification = new { passMark = 101 } }, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        foreach (var field in (string[])["gold.oneIn", "gold.seed", "qualification.passMark"]) Assert.Contains($"\"{field}\"", text, StringComparison.Ordinal);
    }

    /// <summary>Gold, right and wrong in turn, and images to be judged.</summary>
    private static string Lines(int gold, int images, bool withGold = true) => string.Concat(
        Enumerable.Range(0, gold).Select(number => $"s3://b/{(number % 2 == 0 ? "right" : "wrong")}-{number},Dog,{90 + (number % 5)},{(number % 2 == 0 ? "right" : "wrong")}\n")
            .Concat(Enumerable.Range(0, images).Select(number => $"s3://b/image-{number},Dog,{80 + (number % 20)}{(withGold ? "," : "")}\n")));

    private async Task<JsonElement?> NextAsync(string job, string worker)
    {
        var response = await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker={worker}", Cancellation);
        return response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Forbidden ? null : await response.JsonAsync();
    }

    private async Task AnswerAsync(string job, string worker, JsonElement batch, Func<string, bool> confirms) => await (await api.Http.AnswerAsync(
        job, batch.Int("task"), worker, batch.Items("images").ToDictionary(image => image.String("box"), image => new { Confirmed = confirms(image.String("imageUrl")) }))).JsonAsync();

    private async Task<List<string>> PagedAsync(string path)
    {
        var found = new List<string>();
        for (var page = await api.Http.GetJsonAsync(path); ; page = await api.Http.GetJsonAsync($"{path}&cursor={page.String("nextCursor")}"))
        {
            found.AddRange(page.Items().Select(image => image.String("imageUrl")));
            if (page.GetProperty("nextCursor").ValueKind == JsonValueKind.Null) return found;
        }
    }
}

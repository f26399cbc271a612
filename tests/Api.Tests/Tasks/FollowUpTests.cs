using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Further workers are asked about the images that the first ones left in doubt, and about no others.</summary>
public sealed class FollowUpTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_ThatDiffer_AskFurtherWorkersUntilNoDoubtIsLeft()
    {
        var job = await JobAsync();
        Assert.Equal((5, 0), ((await JobOfAsync(job)).Int("maxWorkersPerTask"), (await JobOfAsync(job)).Int("inDoubt")));
        await AnswerAsync(job, "ann", wrong: []);
        await AnswerAsync(job, "bob", wrong: ["b.jpg", "d.jpg"]);
        Assert.Equal(2, (await JobOfAsync(job)).Int("inDoubt"));
        Assert.Equal(HttpStatusCode.NoContent, (await NextAsync(job, "ann")).StatusCode);

        var next = await (await NextAsync(job, "carl")).JsonAsync();
        Assert.Equal(["b.jpg", "d.jpg"], next.Items("images").Select(image => Path.GetFileName(image.String("imageUrl"))).Order());
        var number = next.Int("task");
        var task = await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/{number}", Cancellation)).JsonAsync();
        Assert.Equal("followUp", task.String("state"));
        await AnswerAsync(job, "carl", wrong: ["b.jpg"]);
        await AnswerAsync(job, "dora", wrong: ["b.jpg", "d.jpg"]);
        // Three to one is enough; two to two is not, and gets its fifth vote by URL.
        Assert.Equal(1, (await JobOfAsync(job)).Int("inDoubt"));
        var rest = await (await NextAsync(job, "eve")).JsonAsync();
        var image = Assert.Single(rest.Items("images"));
        Assert.Equal("d.jpg", Path.GetFileName(image.String("imageUrl")));
        Assert.Equal(HttpStatusCode.OK, (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/votes", new[] { new { imageUrl = image.String("imageUrl"), label = "Dog", workerId = "eve", confirmed = true } }, Cancellation)).StatusCode);

        var done = await JobOfAsync(job);
        Assert.Equal((0, 4, 2, 2, 8 + 4 + 1), (done.Int("inDoubt"), done.Int("reviewed"), done.Int("tasks"), done.Int("tasksDone"), done.Int("votes")));
        Assert.Equal(HttpStatusCode.NoContent, (await NextAsync(job, "fay")).StatusCode);
        Assert.Equal(2, (await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks", Cancellation)).JsonAsync()).Items("items").Count());
        var images = (await (await api.Http.GetAsync($"/v1/jobs/{job}/images", Cancellation)).JsonAsync()).Items("items").ToDictionary(found => Path.GetFileName(found.String("imageUrl")), found => (found.Int("confirms"), found.Int("disconfirms"), found.String("verdict")));
        Assert.Equal(((1, 3, "Disconfirmed"), (3, 2, "Confirmed"), (2, 0, "Confirmed")), (images["b.jpg"], images["d.jpg"], images["a.jpg"]));
        // An answer repeated changes nothing.
        var again = await PostAsync(job, number, "carl", next, ["b.jpg"], "2026-11-01T12:00:00Z");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(13, (await JobOfAsync(job)).Int("votes"));
    }

    [Fact]
    public async Task Annotate_OneOfTheImagesTasksIsFull_TakesTheRestAndNamesTheBox()
    {
        var job = await JobAsync();
        await AnswerAsync(job, "ann", wrong: []);
        await AnswerAsync(job, "bob", wrong: ["b.jpg", "d.jpg"]);
        var next = await (await NextAsync(job, "carl")).JsonAsync();
        var image = (await (await api.Http.GetAsync($"/v1/jobs/{job}/images", Cancellation)).JsonAsync()).Items("items").Single(found => Path.GetFileName(found.String("imageUrl")) == "c.jpg");
        var votes = Enumerable.Range(0, 254).Select(number => new { imageUrl = image.String("imageUrl"), label = "Dog", workerId = $"w{number}", confirmed = true });
        Assert.Equal(254, (await (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/votes", votes, Cancellation)).JsonAsync()).Int("accepted"));
        var response = await PostAsync(job, next.Int("task"), "carl", next, ["b.jpg", "d.jpg"], "2026-11-01T12:00:00Z");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.JsonAsync();
        Assert.Equal(1, answer.Int("accepted"));
        var rejected = Assert.Single(answer.Items("rejected"));
        Assert.Equal(next.Items("images").Single(found => found.String("imageUrl").EndsWith("d.jpg", StringComparison.Ordinal)).String("box"), rejected.String("box"));
        Assert.Contains("256 workers", rejected.String("reason"), StringComparison.Ordinal);
        Assert.Equal(8 + 254 + 1, (await JobOfAsync(job)).Int("votes"));
        // It is not asked for once more.
        Assert.Equal(HttpStatusCode.NoContent, (await NextAsync(job, "carl")).StatusCode);
    }

    [Theory]
    [InlineData(3, "majority", "maxWorkersPerTask")]
    [InlineData(5, "unanimous", "maxWorkersPerTask")]
    [InlineData(5, null, "maxWorkersPerTask")]
    [InlineData(10, "majority", "maxWorkersPerTask")]
    public async Task Create_MaxWorkersThatCanNotBe_IsRefusedByField(int most, string? policy, string field)
    {
        var response = await api.Http.PostAsJsonAsync("/v1/jobs", new { name = $"j{Guid.NewGuid():N}", workersPerTask = 3, maxWorkersPerTask = most, policy }, Cancellation);
        Assert.Contains(field, await response.ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_ToWhatMakesNoSense_IsRefused()
    {
        var job = await JobAsync();
        Assert.Contains("maxWorkersPerTask", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "unanimous" }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("maxWorkersPerTask", await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/target", new { maxIncorrectPerCorrect = 0.1, level = 0.95, per = "class" }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Contains("maxWorkersPerTask", await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = new { minCorrectPercent = 95 } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("maxWorkersPerTask", await (await api.Http.GetAsync($"/v1/jobs/{job}/timeline?minCorrectPercent=95", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await api.Http.GetAsync($"/v1/jobs/{job}/timeline", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task LabelingJob_InDoubt_AsksAsManyFurtherWorkersOverAManifestOfItsOwn()
    {
        var job = await JobAsync();
        await (await LabelAsync(job, new { inDoubt = true })).ProblemAsync(400);
        Assert.Contains("in doubt", await (await LabelAsync(job, new { inDoubt = true, name = "further" })).ProblemAsync(409), StringComparison.Ordinal);
        await AnswerAsync(job, "ann", wrong: []);
        await AnswerAsync(job, "bob", wrong: ["b.jpg"]);
        var request = await (await LabelAsync(job, new { inDoubt = true, name = "further" })).JsonAsync();
        Assert.Equal(3, request.GetProperty("HumanTaskConfig").Int("NumberOfHumanWorkersPerDataObject"));
        Assert.Equal(2, (await (await LabelAsync(job, new { inDoubt = true, name = "further", furtherWorkers = 2 })).JsonAsync()).GetProperty("HumanTaskConfig").Int("NumberOfHumanWorkersPerDataObject"));
        foreach (var wrong in (object[])[new { inDoubt = true, name = "further", furtherWorkers = 4 }, new { inDoubt = true, name = "further", furtherWorkers = 0 }, new { furtherWorkers = 1 }])
            Assert.Contains("furtherWorkers", await (await LabelAsync(job, wrong)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.EndsWith("/further/further.json", request.GetProperty("InputConfig").GetProperty("DataSource").GetProperty("S3DataSource").String("ManifestS3Uri"), StringComparison.Ordinal);
        var plain = await api.Http.CreateJobAsync(new { });
        Assert.Contains("maxWorkersPerTask", await (await LabelAsync(plain, new { inDoubt = true, name = "further" })).ProblemAsync(400), StringComparison.Ordinal);
    }

    private async Task<string> JobAsync()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 2, maxWorkersPerTask = 5, policy = "majority" });
        await api.Http.ImportAsync(job, "a.jpg,Dog,90\nb.jpg,Dog,91\nc.jpg,Dog,92\nd.jpg,Dog,93");
        return job;
    }

    private Task<HttpResponseMessage> LabelAsync(string job, object request) => api.Http.PostAsJsonAsync($"/v1/jobs/{job}/labeling-job?dryRun=true", request, Cancellation);

    private async Task<JsonElement> JobOfAsync(string job) => await (await api.Http.GetAsync($"/v1/jobs/{job}", Cancellation)).JsonAsync();

    private Task<HttpResponseMessage> NextAsync(string job, string worker) => api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker={worker}", Cancellation);

    /// <summary>Answers all that a worker is asked.</summary>
    private async Task AnswerAsync(string job, string worker, string[] wrong)
    {
        while (await NextAsync(job, worker) is { StatusCode: HttpStatusCode.OK } next)
        {
            var task = await next.JsonAsync();
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(job, task.Int("task"), worker, task, wrong, "2026-11-01T12:00:00Z")).StatusCode);
        }
    }

    private Task<HttpResponseMessage> PostAsync(string job, int number, string worker, JsonElement task, string[] wrong, string at) => api.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{number}/annotations", new
    {
        workerId = worker,
        submittedAt = at,
        answers = task.Items("images").ToDictionary(image => image.String("box"), image => new Dictionary<string, bool> { ["Confirmed"] = !wrong.Contains(Path.GetFileName(image.String("imageUrl"))) }),
    }, Cancellation);
}

using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class StartingBoxesTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Job_WithoutSettings_BeginsTicked()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        var settings = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal(("ticked", "{}"), (settings.String("boxes"), settings.GetProperty("boxesByClass").GetRawText()));
        Assert.Equal("ticked", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).String("boxes"));
        Assert.Equal("ticked", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker=ann")).String("boxes"));
    }

    [Fact]
    public async Task Job_ByChanceWithAClassOfItsOwn_SaysOfEachTaskHowItBegins()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 1, boxes = "random(7)", boxesByClass = new { Cat = "neither" } });
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, 60).Select(number => $"{number}.jpg,{(number < 50 ? "Dog" : "Cat")},90")));
        var settings = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal(("random(7)", """{"Cat":"neither"}"""), (settings.String("boxes"), settings.GetProperty("boxesByClass").GetRawText()));
        var states = new List<(string Label, string Boxes)>();
        foreach (var listed in (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks?limit=100")).Items())
        {
            var task = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{listed.Int("task")}");
            states.Add((task.String("label"), task.String("boxes")));
        }
        Assert.Equal(10, states.Count(state => state == ("Cat", "neither")));
        Assert.InRange(states.Count(state => state == ("Dog", "ticked")), 10, 40);
        Assert.Equal(60, states.Count(state => state is ("Cat", "neither") or ("Dog", "ticked" or "unticked")));
        // Whoever gets a task gets it as it is listed.
        foreach (var worker in (string[])["ann", "bob"])
        {
            var leased = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker={worker}");
            Assert.Equal((await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{leased.Int("task")}")).String("boxes"), leased.String("boxes"));
        }
    }

    [Theory]
    [InlineData("ticked")]
    [InlineData("unticked")]
    [InlineData("neither")]
    [InlineData(null)]
    public async Task Annotate_WithOrWithoutBoxes_KeepsThemWithTheAnswer(string? boxes)
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        await (await AnswerAsync(job, boxes)).JsonAsync();
        var history = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image/history?url=s3://bulkqa/images/a.jpg&label=Dog");
        Assert.Equal(boxes, Assert.Single(history.Items("answers")).GetProperty("boxes").GetString());
    }

    [Fact]
    public async Task Annotate_BoxesThatAreNone_Is400WithAllProblems()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        var problem = await (await AnswerAsync(job, "half", "2100-01-01T00:00:00Z")).ProblemAsync(400);
        Assert.Contains("boxes: 'half' is none of ticked, unticked and neither", problem, StringComparison.Ordinal);
        Assert.Contains("submittedAt", problem, StringComparison.Ordinal);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Create_SettingsThatAreNone_Is400WithAllProblems()
    {
        var request = new { name = $"boxes-{Guid.NewGuid():N}", batchSize = 0, boxes = "random", boxesByClass = new Dictionary<string, string?> { ["Dog"] = "random(1)", [""] = "ticked" } };
        var problem = await (await api.Http.PostAsJsonAsync("/v1/jobs", request, Cancellation)).ProblemAsync(400);
        foreach (var part in (string[])["batchSize: 0", "boxes: 'random' is none of", "boxesByClass: 'Dog': 'random(1)' is none of", "'': the label is empty"])
            Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_AgainWithOtherBoxes_Is409AndPatchDoesNotTakeThem()
    {
        var job = await api.Http.CreateJobAsync(new { boxes = "unticked", boxesByClass = new { Dog = "ticked" } });
        var again = await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, boxes = "neither", boxesByClass = new { Dog = "unticked" } }, Cancellation);
        Assert.Contains("boxes is unticked; boxesByClass is {Dog: ticked}", await again.ProblemAsync(409), StringComparison.Ordinal);
        Assert.True((await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, boxes = "unticked" }, Cancellation)).IsSuccessStatusCode);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { boxes = "ticked" }, Cancellation)).ProblemAsync(400);
    }

    private Task<HttpResponseMessage> AnswerAsync(string job, string? boxes, string? submittedAt = null)
    {
        var answers = new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } };
        var request = JsonSerializer.Serialize(new { workerId = "ann", boxes, submittedAt, answers });
        return api.Http.PostAsync($"/v1/jobs/{job}/tasks/0/annotations", HttpExtensions.Text(request, "application/json"), Cancellation);
    }
}

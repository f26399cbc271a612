using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Batches none of whose pictures can be shown: a page reports them, and the job says so.</summary>
public sealed class UnshownTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_ThenAnswers_StandsUntilOneSawAPictureOfThatTask()
    {
        var job = await JobAsync();
        Assert.Equal(JsonValueKind.Null, (await UnshownAsync(job)).ValueKind);
        Assert.Equal(HttpStatusCode.NoContent, (await ReportAsync(job, 1, "ann")).StatusCode);
        var reported = await UnshownAsync(job);
        Assert.Equal((1, "ann"), (reported.Int("task"), reported.String("worker")));
        // Of another task, and of this one without a picture.
        await (await api.Http.AnswerAsync(job, 0, "bob", Boxes(new { Confirmed = true }))).JsonAsync();
        await (await api.Http.AnswerAsync(job, 1, "bob", Boxes(new { NotSeen = true }))).JsonAsync();
        Assert.Equal(reported.GetRawText(), (await UnshownAsync(job)).GetRawText());
        Assert.Equal(2, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("unseen"));
        await (await api.Http.AnswerAsync(job, 1, "cyd", Boxes(new { CantTell = true }))).JsonAsync();
        Assert.Equal(JsonValueKind.Null, (await UnshownAsync(job)).ValueKind);
    }

    [Fact]
    public async Task Report_OfWhatIsNotThere_IsRefused()
    {
        var job = await JobAsync();
        Assert.Contains("no task 2", await (await ReportAsync(job, 2, "ann")).ProblemAsync(404), StringComparison.Ordinal);
        await (await ReportAsync("none", 0, "ann")).ProblemAsync(404);
        await (await ReportAsync(job, 0, " ")).ProblemAsync(400);
        Assert.Equal(JsonValueKind.Null, (await UnshownAsync(job)).ValueKind);
    }

    private static Dictionary<string, object> Boxes(object answer) => new() { ["Dog-0"] = answer, ["Dog-1"] = answer };

    private async Task<JsonElement> UnshownAsync(string job) => (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("unshown");

    private Task<HttpResponseMessage> ReportAsync(string job, int task, string worker) =>
        api.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task}/unshown", new { workerId = worker }, Cancellation);

    /// <summary>Two tasks of two images each.</summary>
    private async Task<string> JobAsync()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 2 });
        await api.Http.ImportAsync(job, "0.png,Dog,90\n1.png,Dog,90\n2.png,Dog,90\n3.png,Dog,90\n");
        return job;
    }
}

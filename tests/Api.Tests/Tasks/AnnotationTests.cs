using System.Net;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class AnnotationTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Annotate_BoxesInAnyOrder_LandOnTheRightImages()
    {
        var job = await JobAsync(12);
        var task = await NextAsync(job, "ann");
        var boxes = task.Items("images").ToList();
        var wrong = boxes.Where((_, index) => index % 5 == 0).Select(box => box.String("imageUrl")).ToHashSet();
        var answers = boxes.OrderBy(box => box.String("box"), StringComparer.Ordinal)
            .ToDictionary(box => box.String("box"), box => new { Confirmed = !wrong.Contains(box.String("imageUrl")) });
        Assert.Equal(12, (await (await AnswerAsync(job, task.Int("task"), "ann", answers)).JsonAsync()).Int("accepted"));
        foreach (var image in (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items())
            Assert.Equal(wrong.Contains(image.String("imageUrl")) ? "Disconfirmed" : "Confirmed", image.String("verdict"));
    }

    [Fact]
    public async Task Annotate_TwiceAndChanged_CountsOnceAndTheLaterStands()
    {
        var job = await JobAsync(3);
        var task = (await NextAsync(job, "ann")).Int("task");
        var (early, late) = ("2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z");
        foreach (var (confirmed, at) in ((bool, string)[])[(false, late), (false, late), (true, early)])
            await (await AnswerAsync(job, task, "ann", Boxes(3, confirmed), at)).JsonAsync();
        var totals = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("totals");
        Assert.Equal((3, 0, 3), (totals.Int("reviewed"), totals.Int("confirmed"), totals.Int("disconfirmed")));
        Assert.Equal(3, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Annotate_SameAtOnce_CountsOnce()
    {
        var job = await JobAsync(25);
        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AnswerAsync(job, 0, "ann", Boxes(25, true))));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(25, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Annotate_MissingExtraOrForeignBox_CountsNothing()
    {
        var job = await JobAsync(3);
        foreach (var (boxes, problem) in ((Dictionary<string, object>, string)[])
            [
                (Boxes(2, true), "'Dog-2' is missing"),
                (Boxes(4, true), "'Dog-3' is not of this task"),
                (Boxes(3, true, "Cat"), "'Cat-0' is not of this task"),
                ([], "'Dog-0' is missing"),
            ])
            Assert.Contains(problem, await (await AnswerAsync(job, 0, "ann", boxes)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Annotate_UnknownTaskBadWorkerOrFutureTime_IsRefused()
    {
        var job = await JobAsync(1);
        Assert.Contains("no task 99", await (await AnswerAsync(job, 99, "ann", Boxes(1, true))).ProblemAsync(404), StringComparison.Ordinal);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/99", Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/-1", Cancellation)).ProblemAsync(404);
        Assert.Contains("workerId", await (await AnswerAsync(job, 0, " ", Boxes(1, true))).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("submittedAt", await (await AnswerAsync(job, 0, "ann", Boxes(1, true), "2100-01-01T00:00:00Z")).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("worker", await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    /// <summary>How long after, not when: the answer's time is by the server's clock, and the same when it is sent again.</summary>
    [Fact]
    public async Task Annotate_ServedAtAndHowLongAfter_IsStampedOnceByTheServersClock()
    {
        var job = await JobAsync(1);
        var served = (await NextAsync(job, "ann")).GetProperty("servedAt").GetDateTimeOffset();
        Assert.InRange(served, DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow());
        var early = served.AddDays(-3);
        var answer = new { workerId = "ann", answers = Boxes(1, false), servedAt = early, answeredAfterSeconds = 12.3456789 };
        await (await AnswerAfterAsync(job, answer)).JsonAsync();
        var first = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single();
        await (await AnswerAfterAsync(job, answer)).JsonAsync();
        Assert.Equal(first.GetRawText(), (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single().GetRawText());
        Assert.Equal(early + TimeSpan.FromSeconds(12.3456789), VoteAt(first));
        // Longer after than it has been since: the server's now.
        await (await AnswerAfterAsync(job, new { workerId = "ann", answers = Boxes(1, true), servedAt = served, answeredAfterSeconds = 600_000 })).JsonAsync();
        var second = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single();
        Assert.Equal("Confirmed", second.String("verdict"));
        Assert.InRange(VoteAt(second), served, TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData("\"servedAt\":\"2026-11-01T10:00:00Z\"", "answeredAfterSeconds: missing")]
    [InlineData("\"answeredAfterSeconds\":1", "servedAt: missing")]
    [InlineData("\"submittedAt\":\"2026-11-01T10:00:00Z\",\"servedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":1", "submittedAt: give this, or")]
    [InlineData("\"submittedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":1", "submittedAt: give this, or")]
    [InlineData("\"servedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":-0.1", "answeredAfterSeconds: not from 0 to 604800")]
    [InlineData("\"servedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":604800.1", "answeredAfterSeconds: not from 0 to 604800")]
    [InlineData("\"servedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":1e400", "")]
    [InlineData("\"servedAt\":\"2026-11-01T10:00:00Z\",\"answeredAfterSeconds\":\"NaN\"", "")]
    [InlineData("\"servedAt\":\"9999-12-31T23:59:59Z\",\"answeredAfterSeconds\":604800", "ahead of the server's clock")]
    public async Task Annotate_TimesThatDoNotGoTogetherOrCannotBe_IsRefused(string times, string problem)
    {
        var job = await JobAsync(1);
        var body = HttpExtensions.Text($"{{\"workerId\":\"ann\",\"answers\":{{\"Dog-0\":{{\"Confirmed\":true}}}},{times}}}", "application/json");
        Assert.Contains(problem, await (await api.Http.PostAsync($"/v1/jobs/{job}/tasks/0/annotations", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Annotate_ClockAhead_SaysByHowMuchAndWhatIsTheMost()
    {
        var job = await JobAsync(1);
        var ahead = TimeProvider.System.GetUtcNow() + new TimeSpan(1, 7, 42);
        var problem = await (await AnswerAsync(job, 0, "ann", Boxes(1, true), $"{ahead:O}")).ProblemAsync(400);
        Assert.Matches(@"^submittedAt: lies 1 h 7 min( \d+ s)? ahead of the server's clock, which is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ; 5 min is the most$", problem);
        var vote = new { imageUrl = "s3://bulkqa/images/0.jpg", label = "Dog", workerId = "ann", confirmed = true, submittedAt = ahead };
        var reason = (await api.Http.VoteAsync(job, [vote])).Items("rejected").Single().String("reason");
        Assert.Matches(@"^submittedAt: lies 1 h 7 min( \d+ s)? ahead of the server's clock, which is .*Z; 5 min is the most$", reason);
    }

    [Fact]
    public async Task Next_UntilNothingIsLeft_GivesEachTaskOnceWithItsPlace()
    {
        var job = await JobAsync(30, batchSize: 10);
        var seen = new HashSet<int>();
        for (var number = 0; number < 3; number++)
        {
            var task = await NextAsync(job, "ann");
            Assert.Equal(task.Int("task"), (await NextAsync(job, "ann")).Int("task"));
            Assert.Equal((number, 3), (task.Int("answered"), task.Int("tasks")));
            Assert.True(seen.Add(task.Int("task")));
            await (await AnswerAsync(job, task.Int("task"), "ann", Boxes(10, true))).JsonAsync();
        }
        Assert.Equal(HttpStatusCode.NoContent, (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation)).StatusCode);
        var tasks = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks");
        Assert.All(tasks.Items(), task => Assert.Equal(("open", "ann"), (task.String("state"), task.Items("answeredBy").Single().GetString())));
    }

    private static Dictionary<string, object> Boxes(int count, bool confirmed, string label = "Dog") =>
        Enumerable.Range(0, count).ToDictionary(index => $"{label}-{index}", object (_) => new { Confirmed = confirmed });

    private async Task<string> JobAsync(int images, int batchSize = 25)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize });
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, images).Select(number => $"{number}.jpg,Dog,90")));
        return job;
    }

    private static DateTimeOffset VoteAt(JsonElement image) => image.Items("votes").Single().GetProperty("submittedAt").GetDateTimeOffset();

    private Task<HttpResponseMessage> AnswerAfterAsync(string job, object body) =>
        api.Http.PostAsync($"/v1/jobs/{job}/tasks/0/annotations", HttpExtensions.Text(JsonSerializer.Serialize(body), "application/json"), Cancellation);

    private Task<JsonElement> NextAsync(string job, string worker) => api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker={worker}");

    private Task<HttpResponseMessage> AnswerAsync(string job, int task, string workerId, object answers, string? submittedAt = null) =>
        api.Http.AnswerAsync(job, task, workerId, answers, submittedAt);
}

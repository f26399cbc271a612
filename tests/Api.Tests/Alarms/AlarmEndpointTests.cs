using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class AlarmEndpointTests(SharedApi api)
{
    private static readonly DateTime _now = TimeProvider.System.GetUtcNow().UtcDateTime;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => api.Http;

    /// <summary>Dogs are right three days ago and wrong yesterday; cats are always right.</summary>
    [Fact]
    public async Task Alarms_AClassThatFell_IsThereOnThePageAndInTheCountUntilTheAlarmIsTakenAway()
    {
        var job = await Http.CreateJobAsync(new { workersPerTask = 1, alarm = new { minCorrectPercent = 95, falseAlarmDays = 100 } });
        var created = await Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((95, 100, JsonValueKind.Null, 0), (created.GetProperty("alarm").Int("minCorrectPercent"), created.GetProperty("alarm").Int("falseAlarmDays"), created.GetProperty("alarm").GetProperty("webhook").ValueKind, created.Int("alarms")));
        Assert.Contains("None stands", await PageAsync(job), StringComparison.Ordinal);
        await Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 80).SelectMany(image => (string[])[$"s3://b/{image}.jpg,Dog,90\n", $"s3://b/{image}.jpg,Cat,90\n"])));
        Assert.Equal(160, (await Http.VoteAsync(job, Enumerable.Range(0, 80).SelectMany(image => (object[])[Vote(image, "Dog", image < 60 || image % 2 == 0, image < 60 ? 3 : 1), Vote(image, "Cat", confirmed: true, 2)]))).Int("accepted"));
        var alarms = await Http.GetJsonAsync($"/v1/jobs/{job}/alarms");
        var dog = Assert.Single(alarms.Items());
        Assert.Equal((1, 0, 0), (alarms.Int("standing"), alarms.Int("waiting"), alarms.Int("untold")));
        Assert.Equal((1, "Dog", "raised", 95, Day(1), Day(1)), (dog.Int("number"), dog.String("label"), dog.String("state"), dog.Int("minCorrectPercent"), dog.String("raisedOn"), dog.String("since")));
        Assert.Equal((20, 10, 50.0), (dog.GetProperty("day").Int("reviewed"), dog.GetProperty("day").Int("confirmed"), dog.GetProperty("day").GetProperty("correctPercent").GetDouble()));
        Assert.Equal("notWanted", dog.GetProperty("webhook").String("raised"));
        // As the timeline has it.
        var timeline = (await Http.GetJsonAsync($"/v1/jobs/{job}/timeline?label=Dog&minCorrectPercent=95&falseAlarmDays=100")).Items("classes").Single().GetProperty("alarm");
        Assert.Equal((timeline.String("raisedOn"), timeline.String("since")), (dog.String("raisedOn"), dog.String("since")));
        Assert.Equal(1, (await Http.GetJsonAsync($"/v1/jobs/{job}")).Int("alarms"));
        var page = await PageAsync(job);
        Assert.Contains("A class fell below 95 %", page, StringComparison.Ordinal);
        Assert.Contains("10 of 20 incorrect that day", page, StringComparison.Ordinal);
        Assert.Contains((await Http.GetJsonAsync($"/v1/jobs/{job}/operations")).Items(), operation => operation.String("kind") == "watch" && operation.String("state") == "running");

        var changed = await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = (object?)null }, Cancellation)).JsonAsync();
        Assert.Equal((JsonValueKind.Null, 0), (changed.GetProperty("alarm").ValueKind, changed.Int("alarms")));
        alarms = await Http.GetJsonAsync($"/v1/jobs/{job}/alarms");
        Assert.Equal((0, "withdrawn"), (alarms.Int("standing"), alarms.Items().Single().String("state")));
        Assert.DoesNotContain("id=\"alarms\"", await PageAsync(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alarm_GivenLaterAndAgain_IsChangedAndStays()
    {
        var job = await Http.CreateJobAsync();
        Assert.Equal(JsonValueKind.Null, (await Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("alarm").ValueKind);
        for (var again = 0; again < 2; again++)
            Assert.Equal((90.5, 365), await AlarmAsync(new { alarm = new { minCorrectPercent = 90.5 } }));
        Assert.Equal((90.5, 365), await AlarmAsync(new { policy = "majority" }));
        Assert.Equal((80, 2), await AlarmAsync(new { alarm = new { minCorrectPercent = 80, falseAlarmDays = 2 } }));
        // What a change leaves out stays.
        Assert.Equal((85, 2), await AlarmAsync(new { alarm = new { minCorrectPercent = 85 } }));
        Assert.Equal((80, 365), await AlarmAsync(new { alarm = new { minCorrectPercent = 80, falseAlarmDays = (double?)null } }));
        Assert.Equal((80, 2), await AlarmAsync(new { alarm = new { minCorrectPercent = 80, falseAlarmDays = 2 } }));
        // Created again: the same agrees, another does not.
        Assert.Equal(200, (int)(await Http.PostAsJsonAsync("/v1/jobs", new { name = job, alarm = new { minCorrectPercent = 80, falseAlarmDays = 2 } }, Cancellation)).StatusCode);
        Assert.Contains("alarm is 80 %", await (await Http.PostAsJsonAsync("/v1/jobs", new { name = job, alarm = new { minCorrectPercent = 81 } }, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);

        async Task<(double, double)> AlarmAsync(object change)
        {
            var alarm = (await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", change, Cancellation)).JsonAsync()).GetProperty("alarm");
            return (alarm.GetProperty("minCorrectPercent").GetDouble(), alarm.GetProperty("falseAlarmDays").GetDouble());
        }
    }

    [Theory]
    [InlineData("""{"minCorrectPercent":100}""", "alarm.minCorrectPercent")]
    [InlineData("{}", "alarm.minCorrectPercent")]
    [InlineData("""{"minCorrectPercent":95,"falseAlarmDays":1}""", "alarm.falseAlarmDays")]
    [InlineData("""{"minCorrectPercent":95,"webhook":"http://hooks.example.org/a"}""", "alarm.webhook")]
    [InlineData("""{"minCorrectPercent":95,"webhook":"https://ann:secret@hooks.example.org/a"}""", "alarm.webhook")]
    public async Task Alarm_ThatCannotBe_IsRefusedByField(string alarm, string field)
    {
        var job = await Http.CreateJobAsync();
        foreach (var response in (HttpResponseMessage[])[
            await Http.PostAsync("/v1/jobs", HttpExtensions.Text($$"""{"name":"{{job}}-2","alarm":{{alarm}}}""", "application/json"), Cancellation),
            await Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text($$"""{"alarm":{{alarm}}}""", "application/json"), Cancellation)])
        {
            var problem = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(400, (int)response.StatusCode);
            Assert.Equal([field], JsonDocument.Parse(problem).RootElement.GetProperty("errors").EnumerateObject().Select(error => error.Name));
            Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Alarm_OfNoKnownShapeOrWhereItCannotBe_IsRefusedWithTheReason()
    {
        var job = await Http.CreateJobAsync();
        foreach (var alarm in (string[])["5", "[]", "\"95\"", """{"percent":95}"""])
            Assert.Contains("minCorrectPercent", await (await Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text($$"""{"alarm":{{alarm}}}""", "application/json"), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("BulkQA:Alarms:WebhookHosts", await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = new { minCorrectPercent = 95, webhook = "https://hooks.example.org/a" } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("AllowLoopback", await (await Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = new { minCorrectPercent = 95, webhook = "http://localhost:5/a" } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("alarm").ValueKind);
        var sampled = await Http.CreateJobAsync(new { order = "random(7)", sample = new { images = 5 } });
        Assert.Contains("sampled", await (await Http.PatchAsJsonAsync($"/v1/jobs/{sampled}", new { alarm = new { minCorrectPercent = 95 } }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("nobody-has-it", await (await Http.GetAsync("/v1/jobs/nobody-has-it/alarms", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
        Assert.Empty((await Http.GetJsonAsync($"/v1/jobs/{job}/alarms")).Items());
    }

    private static object Vote(int image, string label, bool confirmed, int daysAgo) =>
        new { imageUrl = $"s3://b/{image}.jpg", label, workerId = "ann", confirmed, submittedAt = $"{Day(daysAgo)}T12:00:00Z" };

    private static string Day(int daysAgo) => _now.AddDays(-daysAgo).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task<string> PageAsync(string job) => await (await Http.GetAsync($"/jobs/{job}", Cancellation)).Content.ReadAsStringAsync(Cancellation);
}

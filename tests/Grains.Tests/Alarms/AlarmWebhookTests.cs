using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class AlarmWebhookTests : JobAlarmTest
{
    private const string Secret = "0123456789abcdef-secret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alarm_RaisedAndEnded_IsPostedSignedInOrder()
    {
        await using var hook = new HookServer();
        await using var cluster = await StartAsync(options => options.WebhookSecret = Secret);
        var job = await CreateAsync(cluster, DraftTo(hook));
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.Delivered);
        await ReviewAsync(cluster, job, "Cat", 1, [.. Enumerable.Repeat(0, 29)]);
        await UntilAsync(cluster, job, alarm => alarm.Ended.State == AlarmDelivery.Delivered);
        Assert.Equal(2, hook.Calls.Count);
        foreach (var (call, isEnd) in hook.Calls.Zip([false, true]))
        {
            Assert.Equal(("POST", "/alarm?a=b", $"{job.Incarnation}/1/{(isEnd ? "ended" : "raised")}"), (call.Method, call.Path, call.Event));
            AssertSigned(call);
            var body = JsonDocument.Parse(call.Body).RootElement;
            string Text(string name) => body.GetProperty(name).GetString()!;
            Assert.Equal(
                (call.Event, isEnd ? "ended" : "raised", "job", "Cat", 90.0, "2026-11-01", "2026-11-01", "/v1/jobs/job/alarms", "/jobs/job"),
                (Text("id"), Text("event"), Text("job"), Text("label"), body.GetProperty("minCorrectPercent").GetDouble(), Text("raisedOn"), Text("since"), Text("path"), Text("page")));
            var day = body.GetProperty("day");
            Assert.Equal(
                isEnd ? ("2026-11-30", 20, 20, 0, 100.0) : ("2026-11-01", 20, 0, 20, 0.0),
                (day.GetProperty("day").GetString(), day.GetProperty("reviewed").GetInt32(), day.GetProperty("confirmed").GetInt32(), day.GetProperty("disconfirmed").GetInt32(), day.GetProperty("correctPercent").GetDouble()));
            Assert.Equal(isEnd ? "recovered" : null, body.TryGetProperty("endedBy", out var ending) ? ending.GetString() : null);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Webhook_FailsForAWhile_IsToldInTheEnd(int failures)
    {
        await using var hook = new HookServer();
        for (var answer = 0; answer < failures; answer++) hook.Answers.Enqueue(HttpStatusCode.ServiceUnavailable);
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, DraftTo(hook));
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.Delivered);
        Assert.Equal(failures + 1, hook.Calls.Count);
        Assert.Single(hook.Calls.Select(call => call.Event).Distinct());
        // Without a secret nothing is signed.
        Assert.All(hook.Calls, call => Assert.Null(call.Signature));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "500")]
    [InlineData(HttpStatusCode.Gone, "410")]
    [InlineData(HttpStatusCode.TemporaryRedirect, "307")]
    [InlineData(HttpStatusCode.Redirect, "302")]
    public async Task Webhook_FailsForTooLong_IsGivenUpWithTheReason(HttpStatusCode status, string reason)
    {
        await using var hook = new HookServer { Otherwise = status };
        await using var cluster = await StartAsync(options => options.GiveUpAfter = TimeSpan.Zero);
        var job = await CreateAsync(cluster, DraftTo(hook));
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        var alarm = await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.GivenUp);
        Assert.Contains(reason, alarm.Raised.Problem, StringComparison.Ordinal);
        // Nobody goes where it sends on to.
        Assert.All(hook.Calls, call => Assert.Equal("/alarm?a=b", call.Path));
    }

    [Fact]
    public async Task Webhook_TakenAway_IsToldNothingMore()
    {
        await using var hook = new HookServer { Otherwise = HttpStatusCode.InternalServerError };
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, DraftTo(hook));
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.Pending);
        await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(90, 30)) });
        var alarm = await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.NotWanted);
        Assert.True(alarm.Stands);
        Assert.Equal(0, (await Alarms(cluster, job).LookAsync())!.Untold);
    }

    [Fact]
    public async Task Webhook_JobIsClosed_IsToldWhatItWasToBe()
    {
        await using var hook = new HookServer { Otherwise = HttpStatusCode.InternalServerError };
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, DraftTo(hook));
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.Pending);
        await cluster.Job(job).ChangeAsync(new JobChanges(State: JobState.Closed));
        hook.Otherwise = HttpStatusCode.NoContent;
        await UntilAsync(cluster, job, alarm => alarm.Raised.State == AlarmDelivery.Delivered);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Watch)).State);
    }

    /// <summary>By the client that is used, wherever a name leads.</summary>
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Client_HostAtNoPublicAddress_ConnectsToNothing(string host)
    {
        await using var hook = new HookServer();
        await using var cluster = await TestCluster.StartAsync(alarms: options => options.WebhookRetryDelay = TimeSpan.FromMilliseconds(1));
        using var client = cluster.Service<IHttpClientFactory>().CreateClient(AlarmWebhook.ClientName);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{host}:{new Uri(hook.Url).Port}/"), Cancellation));
        Assert.IsType<AlarmWebhook.AddressRefusedException>(refused.InnerException);
        Assert.Empty(hook.Calls);
    }

    [Fact]
    public async Task Connect_NobodyListens_Fails()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var at = ((IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        await Assert.ThrowsAsync<SocketException>(async () => await AlarmWebhook.ConnectAsync(new AlarmOptions { AllowLoopback = true }, new DnsEndPoint("127.0.0.1", at), Cancellation));
    }

    [Fact]
    public void Options_EverythingWrong_IsSaidAtOnce()
    {
        var options = new AlarmOptions { WebhookSecret = "short", Interval = TimeSpan.Zero, WebhookTimeout = TimeSpan.FromHours(1), WebhookRetryDelay = TimeSpan.Zero, GiveUpAfter = TimeSpan.FromTicks(-1) };
        options.WebhookHosts.Add("https://hooks.example.org");
        var problems = new AlarmOptionsValidator().Validate(null, options).Failures!.ToList();
        Assert.Equal(["WebhookHosts", "WebhookSecret", "Interval", "WebhookTimeout", "WebhookRetryDelay", "GiveUpAfter"], problems.Select(problem => problem["BulkQA:Alarms:".Length..].Split(' ', ':')[0]));
        Assert.DoesNotContain(problems, problem => problem.Contains("short ", StringComparison.Ordinal));
        Assert.True(new AlarmOptionsValidator().Validate(null, new AlarmOptions()).Succeeded);
    }

    private static JobDraft DraftTo(HookServer hook)
    {
        Assert.True(Webhook.TryCreate($"{hook.Url}/alarm?a=b", out var webhook, out _));
        return Draft with { Alarm = new JobAlarm(90, 30, webhook) };
    }

    private static Task<TestCluster> StartAsync(Action<AlarmOptions>? configure = null) => TestCluster.StartAsync(alarms: options =>
    {
        (options.AllowLoopback, options.Interval, options.WebhookRetryDelay) = (true, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(1));
        configure?.Invoke(options);
    });

    private static async Task<ClassAlarm> UntilAsync(TestCluster cluster, JobInfo job, Func<ClassAlarm, bool> holds)
    {
        await TestCluster.EventuallyAsync(async () => (await Alarms(cluster, job).ListAsync()) is [var alarm] && holds(alarm), "the webhook was told");
        return Assert.Single(await Alarms(cluster, job).ListAsync());
    }

    private static void AssertSigned(HookServer.HookCall call)
    {
        var parts = call.Signature!.Split(',').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{call.Body}"));
        Assert.Equal(Convert.ToHexString(expected), parts["v1"], ignoreCase: true);
    }
}

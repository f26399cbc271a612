using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Cluster.Tests;

/// <summary>The console where several processes of the API share a load balancer, which sends requests to any of them.</summary>
[Collection(RehearsedCluster.OneAtATime)]
public sealed class ConsoleRehearsalTests(SharedApi aws, Browser browser) : IClassFixture<Browser>
{
    private const string Circuit = "/_blazor";

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_WhoseCircuitIsAtAnotherProcess_IsLive_AndGoesOnOnceThatProcessIsKilled()
    {
        await using var cluster = await RehearsedCluster.StartAsync(aws);
        await cluster.StartSiloAsync();
        List<RehearsedTask> apis = [await cluster.StartApiAsync(), await cluster.StartApiAsync()];
        cluster.Balancer.SignIn(cluster.Http.DefaultRequestHeaders.Authorization!.ToString());
        var job = await cluster.Http.CreateJobAsync(new { workersPerTask = 1 });
        await cluster.Http.ImportAsync(job, "s3://b/1.jpg,Ant,90\ns3://b/2.jpg,Bee,91\n");
        var path = $"/console/jobs/{job}";
        var page = await browser.OpenAsync();
        var ant = page.Locator("tbody tr", new() { HasText = "Ant" });
        var bee = page.Locator("tbody tr", new() { HasText = "Bee" });

        // Requests are passed on in turn, so that it takes a few until the page is of one process and its circuit of the other.
        var pageOf = "";
        var circuitOf = "";
        for (var tries = 0; pageOf == circuitOf; tries++)
        {
            Assert.True(tries < 20, "the load balancer sent page and circuit to one process, twenty times");
            cluster.Balancer.Passed.Clear();
            await page.GotoAsync(cluster.Balancer.Url + path);
            await Expect(bee).ToContainTextAsync("n 0 of 1");
            (pageOf, circuitOf) = (TargetOf(path), TargetOf(Circuit));
        }
        await VoteAsync(2, "Bee");
        await Expect(bee).ToContainTextAsync("100.0 %");

        cluster.Balancer.Passed.Clear();
        var lost = apis.Single(api => api.Url == circuitOf);
        await Task.WhenAll(cluster.Balancer.DeregisterAsync(lost.Url, TimeSpan.Zero), lost.Child.KillAsync());
        await Wait.UntilAsync(() => Task.FromResult(cluster.Balancer.Passed.Any(passed => passed.Path == path)), _limit, () => "the page was not loaded anew");
        await VoteAsync(1, "Ant");
        await Expect(ant).ToContainTextAsync("100.0 %");
        Assert.Equal(pageOf, TargetOf(Circuit));

        // What there is in a cluster alone: silos, the queue, and what could not be taken from it.
        foreach (var body in (string[])["no json", """{"schema":7}"""]) await cluster.Sqs.SendMessageAsync(cluster.QueueUrl, body, Cancellation);
        await Wait.UntilAsync(async () => await cluster.Sqs.CountMessagesAsync(cluster.DeadLetterUrl) == 2, _limit, () => "the messages are no dead letters");
        await page.GotoAsync(cluster.Balancer.Url + "/console/operations");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Silos" }).Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GotoAsync(cluster.Balancer.Url + "/console/operations?view=letters");
        var letters = page.GetByRole(AriaRole.Region, new() { Name = "Dead letters" });
        await Expect(letters).ToContainTextAsync("schema: 7 is not known");
        await letters.Locator("tr", new() { HasText = "not valid JSON" }).GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send 1 back" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Send back" }).ClickAsync();
        await Expect(page.GetByText("1 message was sent back.")).ToBeVisibleAsync();

        string TargetOf(string asked) => cluster.Balancer.Passed.Last(passed => passed.Path == asked).Target;

        async Task VoteAsync(int number, string label) => (await cluster.Http.PostAsync(
            $"/v1/jobs/{job}/votes", HttpExtensions.Text($$"""{"imageUrl":"s3://b/{{number}}.jpg","label":"{{label}}","workerId":"ann","confirmed":true}""", "application/x-ndjson"), Cancellation)).EnsureSuccessStatusCode();
    }
}

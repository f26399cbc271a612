using System.Text.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>When an answer counts as given, whatever the worker's clock says and whichever reply is lost.</summary>
public sealed class TimeWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Annotations = "**/annotations";

    [Fact]
    public async Task Correction_AfterALostReply_Stands()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await OpenAsync(job);
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await SubmitAndLoseTheReplyAsync(page);
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 3, disconfirmed: 1);
        // The worker sees that it was right after all.
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await page.Locator("crowd-card").Nth(2).ClickAsync();
        await page.UnrouteAsync(Annotations);
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        var verdicts = (await ImagesAsync(job)).ToDictionary(image => image.String("imageUrl"), image => image.String("verdict"));
        var boxes = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).Items("images").Select(image => verdicts[image.String("imageUrl")]);
        Assert.Equal(["Confirmed", "Confirmed", "Disconfirmed"], boxes);
    }

    [Fact]
    public async Task Retry_AfterALostReply_IsTheSameAnswer()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await OpenAsync(job);
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await SubmitAndLoseTheReplyAsync(page);
        var before = await ImagesAsync(job);
        // There and back again is no change.
        await page.Locator("crowd-card").Nth(0).ClickAsync();
        await page.Locator("crowd-card").Nth(0).ClickAsync();
        await page.UnrouteAsync(Annotations);
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        Assert.Equal(before.Select(image => image.GetRawText()), (await ImagesAsync(job)).Select(image => image.GetRawText()));
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public async Task Clock_OfTheWorkerWrong_LosesNothing(int millisecondsAhead)
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await browser.OpenAsync();
        await page.AddInitScriptAsync($$"""
            const Right = Date;
            window.Date = class extends Right {
              constructor(...parts) { super(...(parts.length ? parts : [Right.now() + {{millisecondsAhead}}])); }
              static now() { return Right.now() + {{millisecondsAhead}}; }
            };
            """);
        await page.OpenAsync(api, job, "ann");
        // The same worker answered elsewhere, by a clock that is right, right after the page was served.
        var served = await page.Locator("#task").GetAttributeAsync("data-served-at");
        var confirmed = Enumerable.Range(0, 3).ToDictionary(index => $"Dog-{index}", object (_) => new { Confirmed = true });
        await (await api.Http.AnswerAsync(job, 0, "ann", confirmed, served)).JsonAsync();
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 3, disconfirmed: 1);
    }

    [Theory]
    [InlineData(502, "text/html", "<h1>Bad gateway</h1>", "502")]
    [InlineData(500, "application/json", "{\"detail\":", "500")]
    [InlineData(200, "text/html", "<h1>Sign in</h1>", "not the service")]
    [InlineData(400, "application/problem+json", "{\"detail\":\"answers: none.\"}", "answers: none.")]
    public async Task Reply_ThatIsNotTheServices_KeepsTheTicksAndSaysSo(int status, string type, string body, string said)
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await OpenAsync(job);
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await page.RouteAsync(Annotations, route => route.FulfillAsync(new() { Status = status, ContentType = type, Body = body }));
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync(said);
        await Assertions.Expect(page.GetByText("Your ticks are kept")).ToBeVisibleAsync();
        await page.UnrouteAsync(Annotations);
        // What may pass is sent again by itself.
        if (status == 400) await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 3, disconfirmed: 1);
    }

    private async Task<IPage> OpenAsync(string job)
    {
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        return page;
    }

    /// <summary>The server takes the answer; the page never hears of it, however often it tries, until the route is taken away.</summary>
    private static async Task SubmitAndLoseTheReplyAsync(IPage page)
    {
        await page.RouteAsync(Annotations, async route =>
        {
            var reply = await route.FetchAsync();
            Assert.Equal(200, reply.Status);
            await route.AbortAsync();
        });
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Your ticks are kept")).ToBeVisibleAsync();
    }

    private async Task<List<JsonElement>> ImagesAsync(string job) => [.. (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items()];
}

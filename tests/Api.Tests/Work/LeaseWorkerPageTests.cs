using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>A page keeps its batch while somebody works at it, and says when it is kept no longer.</summary>
public sealed class LeaseWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Page_WhileSomebodyWorks_RenewsTheLeaseAndOtherwiseLetsItEnd()
    {
        var job = await WorkerJobs.CreateAsync(api, 2 * WorkerJobs.BatchSize, "Dog");
        var page = await browser.OpenAsync();
        await page.Clock.InstallAsync();
        var asked = new ConcurrentQueue<int>();
        page.Response += (_, response) =>
        {
            if (response.Url.EndsWith("/lease", StringComparison.Ordinal)) asked.Enqueue(response.Status);
        };
        await page.OpenAsync(api, job, "ann");
        // Nobody did anything.
        await page.Clock.FastForwardAsync("04:00");
        Assert.Empty(asked);
        await page.Keyboard.PressAsync("Space");
        var renewed = page.WaitForResponseAsync("**/lease");
        await page.Clock.FastForwardAsync("02:30");
        Assert.Equal(200, (await renewed).Status);
        await TakenOverAsync(page);
        await Assertions.Expect(page.Locator(".message")).Not.ToContainTextAsync("no longer");
        // From then on nothing again, until the lease has run out.
        for (var minutes = 0; minutes < 12; minutes++) await page.Clock.FastForwardAsync("01:00");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("This batch is kept for you no longer: others may get it. What you submit still counts.");
        Assert.Single(asked);
        await Browser.ScreenshotAsync(page, "worker-lease-over");
        await Assertions.Expect(page.Locator("button.another")).ToBeVisibleAsync();
        // It counts all the same.
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: WorkerJobs.BatchSize, disconfirmed: 1);
    }

    [Fact]
    public async Task Page_WhoseLeaseIsSomebodyElses_SaysSoOnce()
    {
        var job = await WorkerJobs.CreateAsync(api, 2 * WorkerJobs.BatchSize, "Dog");
        var page = await browser.OpenAsync();
        await page.Clock.InstallAsync();
        await page.OpenAsync(api, job, "ann");
        var asked = 0;
        await page.RouteAsync("**/lease", route =>
        {
            asked++;
            return route.FulfillAsync(new() { Status = asked == 1 ? 503 : 409, ContentType = "application/problem+json", Body = """{"status":409,"detail":"Task 0 is kept for 'ann' no longer."}""" });
        });
        await page.Keyboard.PressAsync("ArrowRight");
        // A service that can't answer just now is asked again.
        foreach (var status in (int[])[503, 409])
        {
            var response = page.WaitForResponseAsync("**/lease");
            await page.Clock.FastForwardAsync("03:30");
            Assert.Equal(status, (await response).Status);
            await TakenOverAsync(page);
        }
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("kept for you no longer");
        Assert.Equal(2, asked);
        await page.Keyboard.PressAsync("ArrowRight");
        for (var minutes = 0; minutes < 12; minutes++) await page.Clock.FastForwardAsync("01:00");
        Assert.Equal(2, asked);
        await page.UnrouteAsync("**/lease");
        await page.Locator("button.another").ClickAsync();
        await page.ShownAsync();
        await Assertions.Expect(page.Locator(".message")).Not.ToContainTextAsync("no longer");
    }

    /// <summary>Once the page has taken over an answer that has come: what it fetches later comes later.</summary>
    private static Task<int> TakenOverAsync(IPage page) => page.EvaluateAsync<int>("fetch('/assets/site.css').then(response => response.text()).then(() => 0)");
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>A worker who gets nothing reads why, and one whose batch takes no more answers goes on with another.</summary>
public sealed class RefusedWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_200, ColorScheme.Light)]
    [InlineData(1_200, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Page_OfAWorkerWhoMayNot_SaysWhyAndNoMore(int width, ColorScheme scheme)
    {
        var job = await api.Http.CreateJobAsync(new { qualification = new { passMark = 75 } });
        await (await api.Http.PatchAsync($"/v1/jobs/{job}/workers/bob", HttpExtensions.Text("""{"qualification":"refused","reason":"sells the job on"}""", "application/json"), Cancellation)).JsonAsync();
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 850);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=bob");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("No batches for you");
        await Assertions.Expect(page.Locator("main p").First).ToHaveTextAsync($"The operator of job '{job}' has decided that it has no batches for you.");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("sells the job on");
        await Browser.ScreenshotAsync(page, $"worker-refused-{width}-{scheme}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator("main p").First).ToContainTextAsync("import more gold");
        await Browser.ScreenshotAsync(page, $"worker-no-gold-{width}-{scheme}");
    }

    /// <summary>As when others took the last place while the worker was looking.</summary>
    [Theory]
    [InlineData(1_200, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Submit_ToABatchThatIsFull_OffersAnother(int width, ColorScheme scheme)
    {
        var job = await WorkerJobs.CreateAsync(api, 2 * WorkerJobs.BatchSize, "Dog");
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 850);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.OpenAsync(api, job, "ann");
        await page.RouteAsync("**/annotations", route => route.FulfillAsync(new()
        {
            Status = 409,
            ContentType = "application/problem+json",
            Body = """{"status":409,"title":"Conflict","detail":"Task 0 has the answers of 256 workers, which is the most."}""",
        }));
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.Locator(".message")).ToHaveTextAsync("Not saved: Task 0 has the answers of 256 workers, which is the most. Go on with another batch.");
        await Browser.ScreenshotAsync(page, $"worker-full-{width}-{scheme}");
        // What is said is not squeezed between the buttons.
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.answer .message').clientWidth > 300"));
        // A limit of the job is no trouble that passes, and too many requests are.
        foreach (var (body, words) in ((string, string)[])[("""{"status":429,"detail":"Too many."}""", "Your ticks are kept on this device"), ("""{"status":429,"detail":"All that there is on a day.","reason":"maxTasksPerDay"}""", "Go on with another batch.")])
        {
            await page.UnrouteAsync("**/annotations");
            await page.RouteAsync("**/annotations", route => route.FulfillAsync(new() { Status = 429, ContentType = "application/problem+json", Body = body }));
            await page.Locator("button.submit").ClickAsync();
            await Assertions.Expect(page.Locator(".message")).ToContainTextAsync(words);
            Assert.Equal(words.StartsWith("Go on", StringComparison.Ordinal), await page.Locator("button.another").IsVisibleAsync());
        }
        await page.UnrouteAsync("**/annotations");
        await page.Locator("button.another").ClickAsync();
        await page.ShownAsync();
        await Assertions.Expect(page.Locator("button.another")).ToBeHiddenAsync();
    }
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Pictures that come after the page stopped to wait for them.</summary>
public sealed class LatePictureWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Pictures = "**/picture?*";

    [Fact]
    public async Task Picture_ThatNeverEnds_CountsAsFailedAfterHalfAMinute()
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var page = await browser.OpenAsync();
        var release = new TaskCompletionSource();
        await page.Clock.InstallAsync();
        await page.RouteAsync(Pictures, async route =>
        {
            if (route.Request.Url.Contains("1.png", StringComparison.Ordinal)) await release.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await Assertions.Expect(page.Locator("button.submit")).ToBeDisabledAsync();
        await page.Clock.FastForwardAsync(31_000);
        await page.ShownAsync();
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(1);
        // It came late, but it came.
        release.SetResult();
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
    }

    /// <summary>What was looked at was the note in its place: the picture itself is not seen before its tab is opened again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Picture_ThatComesLateInAHiddenTab_IsNotAnsweredBeforeItsTabIsLookedAt(bool noteWasSeen)
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var template = await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Work", "Templates", "instructions-first.liquid"), TestContext.Current.CancellationToken);
        await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), TestContext.Current.CancellationToken);
        var page = await browser.OpenAsync();
        var release = new TaskCompletionSource();
        await page.Clock.InstallAsync();
        await page.RouteAsync(Pictures, async route =>
        {
            if (route.Request.Url.Contains("1.png", StringComparison.Ordinal)) await release.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        var (message, submit) = (page.Locator(".message"), page.Locator("button.submit"));
        var (pictures, instructions) = (page.GetByRole(AriaRole.Tab, new() { Name = "Pictures" }), page.GetByRole(AriaRole.Tab).First);
        await Assertions.Expect(page.Locator("crowd-card")).ToHaveCountAsync(2);
        await page.Clock.FastForwardAsync(31_000);
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(1);
        await Assertions.Expect(message).ToContainTextAsync("2 pictures in another tab");
        if (noteWasSeen)
        {
            await pictures.ClickAsync();
            await page.ShownAsync();
            await instructions.ClickAsync();
        }
        release.SetResult();
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
        await Assertions.Expect(message).ToContainTextAsync(noteWasSeen ? "1 picture in another tab" : "2 pictures in another tab");
        await Assertions.Expect(submit).ToBeDisabledAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        await pictures.ClickAsync();
        await page.ShownAsync();
        await submit.ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        Assert.Equal(["Confirmed", "Confirmed"], (await WorkerJobs.ImagesAsync(api, job)).Select(image => image.String("verdict")));
    }
}

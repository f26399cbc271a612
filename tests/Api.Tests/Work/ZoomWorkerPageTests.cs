using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>The picture as it is, a key or a click away.</summary>
public sealed class ZoomWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Zoom_ByKeyAndByMouse_ShowsThePictureInFullSizeAndAnswersNothing()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog", broken: 2);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        var (cards, dialog) = (page.Locator("crowd-card"), page.Locator("dialog.zoom"));
        await cards.Nth(1).FocusAsync();
        await page.Keyboard.PressAsync("z");
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        var shown = dialog.Locator("img");
        Assert.Contains("1.png", await shown.GetAttributeAsync("src"), StringComparison.Ordinal);
        Assert.DoesNotContain("size=", await shown.GetAttributeAsync("src"), StringComparison.Ordinal);
        await Assertions.Expect(shown).ToHaveJSPropertyAsync("naturalWidth", 96);
        await Browser.ScreenshotAsync(page, "worker-zoom");
        // Behind it nothing is ticked, and nothing submitted.
        foreach (var key in (string[])[" ", "t", "Enter"]) await page.Keyboard.PressAsync(key);
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Z");
        await Assertions.Expect(dialog).Not.ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("crowd-card.unsure, crowd-card.unticked")).ToHaveCountAsync(0);
        await cards.Nth(0).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(shown).ToHaveAttributeAsync("src", new System.Text.RegularExpressions.Regex("0\\.png"));
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).Not.ToBeVisibleAsync();
        // There is nothing to show of what can't be.
        await cards.Nth(2).FocusAsync();
        await page.Keyboard.PressAsync("z");
        await Assertions.Expect(dialog).Not.ToBeVisibleAsync();
        await Assertions.Expect(cards.Nth(2).Locator(".larger")).Not.ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 2, disconfirmed: 0);
    }
}

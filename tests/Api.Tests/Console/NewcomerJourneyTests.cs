using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>
/// What somebody does who has never seen it, in the browser alone, after the first command: a job from a CSV and a zip of pictures, a batch answered while the heat
/// map moves, a threshold, a decision, an export.
/// </summary>
public sealed class NewcomerJourneyTests(Browser browser) : IClassFixture<Browser>
{
    private const int Images = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Newcomer_FromAnEmptyServiceToAnExport_NeedsNothingButTheBrowser()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path);
        var page = await browser.OpenConsoleAsync(api.Http, "/");
        await Expect(page.GetByText("No job yet")).ToBeVisibleAsync();
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "New job" }).ClickAsync();
        await page.WaitForSelectorAsync(".newjob-choose:has(input:not([disabled]))");
        await page.TakeAsync("Corpus", "shelf.csv", Encoding.UTF8.GetBytes(Corpus()));
        await Expect(page.GetByText($"{Images} of the first {Images} records would be taken.")).ToBeVisibleAsync();
        await page.NextAsync("Pictures");
        await page.TakeAsync("Pictures", "all.zip", await Uploads.Zip([.. Enumerable.Range(1, Images).Select(number => ($"{number}.png", Drawn.Halves(40 + number, 30, ".png")))]).ReadAsByteArrayAsync(Cancellation));
        await Expect(page.GetByText("are among these pictures")).ToBeVisibleAsync();
        await page.NextAsync("Checking");
        await page.GetByLabel("Workers per task").FillAsync("1");
        await page.GetByLabel("Workers per task").BlurAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the job" }).ClickAsync();
        await Expect(page.GetByText("The job is ready")).ToBeVisibleAsync();
        var work = await page.GetByLabel("Worker link").InputValueAsync();
        await page.GotoAsync(new Uri(api.Http.BaseAddress!, "/console/jobs/shelf").ToString());
        var dog = page.Locator("tbody tr", new() { HasText = "Dog" });
        await Expect(dog).ToContainTextAsync($"n 0 of {Images}");

        var worker = await page.Context.NewPageAsync();
        await worker.GotoAsync(work);
        await worker.FillAsync("[name=worker]", "ann");
        await worker.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await worker.ShownAsync();
        await worker.Locator("crowd-card").Nth(2).ClickAsync();
        await worker.Locator("button.submit").ClickAsync();
        await Expect(worker.GetByText("Nothing left for you")).ToBeVisibleAsync();
        // The other tab has it by itself.
        await Expect(dog).ToContainTextAsync("87.5 %");

        await page.GetByRole(AriaRole.Link, new() { Name = "Charts" }).ClickAsync();
        await Expect(page.Locator(".panel h2").First).ToContainTextAsync("up");
        await page.Locator("input[type=range]").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator(".panel dd").First).ToContainTextAsync($"{Images}of {Images} images");

        await page.GetByRole(AriaRole.Link, new() { Name = "Pictures" }).ClickAsync();
        await page.Locator("[data-place='0'] .picture-open").ClickAsync();
        await page.Keyboard.PressAsync("d");
        await Expect(page.GetByText("Disconfirmed ✓").First).ToBeAttachedAsync();
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal(1, (await api.Http.GetJsonAsync("/v1/jobs/shelf")).Int("adjudicated"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync();
        var export = await page.RunAndWaitForDownloadAsync(() => page.Locator("a[href$='export?format=csv']").ClickAsync());
        var lines = (await File.ReadAllTextAsync(await export.PathAsync(), Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + Images, lines.Length);
    }

    private static string Corpus() => "image,label,confidence\n" + string.Concat(Enumerable.Range(1, Images).Select(number => $"{number}.png,Dog,{99 - number}\n"));
}

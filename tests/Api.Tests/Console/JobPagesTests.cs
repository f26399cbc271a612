using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>The console's pages of a job's numbers, in a browser.</summary>
public sealed class JobPagesTests(SharedApi api, Browser browser, ReviewedJob job) : IClassFixture<Browser>, IClassFixture<ReviewedJob>
{
    private const string Drawn = ".js-plotly-plot .main-svg";

    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task PagesOfAJob_OnEachScreen_AreReadable(int width, bool isDark)
    {
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job.Name}", width, isDark, ".heat b");
        await AssertGoodAsync("table");
        foreach (var (name, path, until) in ((string, string, string)[])
        [
            ("threshold", "charts", Drawn), ("calibration", "charts?view=calibration", Drawn), ("time", "charts?view=time", Drawn), ("compare", "charts?view=compare&a=modelVersion:v1&b=modelVersion:v2", Drawn),
            ("confusions", "charts?view=corrections", ".confusion td"), ("decisions", "decisions", "text=No target is set"), ("report", "report", Drawn),
        ])
        {
            await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/console/jobs/{job.Name}/{path}").ToString());
            await page.WaitForSelectorAsync(until, new() { State = WaitForSelectorState.Attached });
            await AssertGoodAsync(name);
        }

        Task AssertGoodAsync(string name) => page.AssertGoodAsync(string.Create(CultureInfo.InvariantCulture, $"console-{name}-{width}-{(isDark ? "dark" : "light")}"));
    }

    [Fact]
    public async Task Table_WhileSomebodyVotes_Moves_AndItsCellsLeadToPicturesByKeyboard()
    {
        var live = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await api.Http.ImportAsync(live, "s3://b/1.jpg,Ant,90\ns3://b/2.jpg,Bee,91\n");
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{live}", until: ".heat");
        var bee = page.Locator("tbody tr", new() { HasText = "Bee" });
        await Expect(bee).ToContainTextAsync("n 0 of 1");
        await api.Http.VoteAsync(live, [new { imageUrl = "s3://b/2.jpg", label = "Bee", workerId = "ann", confirmed = true }]);
        await Expect(bee).ToContainTextAsync("100.0 %");
        await page.Locator("tbody th a", new() { HasText = "Ant" }).FocusAsync();
        foreach (var key in (string[])["ArrowDown", "ArrowRight"]) await page.Keyboard.PressAsync(key);
        Assert.Equal($"/console/jobs/{live}/pictures?label=Bee", await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
    }

    [Fact]
    public async Task Table_SortedByAColumn_KeepsItInTheAddress()
    {
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job.Name}", until: ".heat b");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reviewed" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("sort=reviewed"));
        await Expect(page.Locator("thead th", new() { HasText = "Reviewed" })).ToHaveAttributeAsync("aria-sort", "ascending");
    }

    [Fact]
    public async Task Threshold_MovedByKeyboard_SaysAtOnceWhatShips()
    {
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job.Name}/charts?label=Dog", until: Drawn);
        var ships = page.Locator(".panel dd").First;
        await page.Locator("input[type=range]").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(ships).ToContainTextAsync("40");
        await page.Keyboard.PressAsync("End");
        await Expect(ships).Not.ToContainTextAsync("40of");
        await Expect(page.Locator(".panel h2")).ToContainTextAsync("From 100 % up");
    }

    [Theory]
    [InlineData("charts", "Precision of", "threshold,images,reviewed,")]
    [InlineData("charts", "thresholds", "label,threshold,images,")]
    [InlineData("charts?view=calibration", "Reliability diagram", "from,to,reviewed,")]
    [InlineData("charts?view=time", "Percent correct by day", "day,reviewed,")]
    [InlineData("charts?view=compare&a=modelVersion:v1&b=modelVersion:v2", "From", "label,reviewed_before,")]
    [InlineData("charts?view=corrections", "right labels", "label,right_label,images")]
    public async Task Numbers_OfAView_AreTakenAlongAsCsv(string path, string name, string begins)
    {
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job.Name}/{path}", until: "[aria-label^=CSV]");
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex($"^CSV: .*{name}") }).First.ClickAsync());
        Assert.EndsWith(".csv", file.SuggestedFilename, StringComparison.Ordinal);
        var lines = (await File.ReadAllTextAsync(await file.PathAsync(), TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.StartsWith(begins, lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length > 2);
    }
}

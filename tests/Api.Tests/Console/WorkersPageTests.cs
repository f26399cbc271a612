using System.Globalization;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>The console's pages about workers, in a browser.</summary>
public sealed class WorkersPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Workers_OnEachScreen_AreReadable(int width, bool isDark)
    {
        var job = await VotedAsync();
        var screen = string.Create(CultureInfo.InvariantCulture, $"{width}-{(isDark ? "dark" : "light")}");
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/workers?sort=flags", width, isDark, "text=Hardly ever unticks");
        await page.AssertGoodAsync($"console-workers-{screen}");
        foreach (var (path, until) in ((string, string)[])[("workers?view=map&by=others", ".plot .main-svg"), ("workers?view=agreement", "text=least agreement first"), ("workers?view=models", "text=No model has been"), ("workers/eve", "text=Its votes")])
        {
            await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/console/jobs/{job}/{path}").ToString());
            await page.WaitForSelectorAsync(until);
            await page.AssertGoodAsync($"console-{path.Split('=', '&', '/', '?')[^1]}-{screen}");
        }
    }

    [Fact]
    public async Task SetAside_AndBack_MovesTheTable()
    {
        var job = await VotedAsync();
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/workers", until: "text=eve");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Set aside: eve" }).ClickAsync();
        var dialog = page.GetByRole(Microsoft.Playwright.AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("72 votes on 72 images");
        await Expect(dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Set aside" })).ToBeDisabledAsync();
        await dialog.GetByLabel("Reason").FillAsync("ticks everything");
        await page.AssertGoodAsync("console-set-aside");
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Set aside" }).ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = "eve" })).ToContainTextAsync("set aside");
        // Without the one who confirms everything, the others agree: nothing is split any more.
        Assert.Equal((48, 24, 0), await TotalsAsync(job));

        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Count again: eve" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("ticks everything");
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Count again" }).ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Set aside: eve" })).ToBeVisibleAsync();
        Assert.Equal((48, 0, 24), await TotalsAsync(job));
    }

    [Fact]
    public async Task Workers_OfAJob_AreTakenAlongAsCsv()
    {
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{await VotedAsync()}/workers", until: "text=eve");
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { NameRegex = new("^CSV: ") }).ClickAsync());
        var lines = (await File.ReadAllLinesAsync(await file.PathAsync(), TestContext.Current.CancellationToken));
        Assert.StartsWith("worker,state,votes,", lines[0], StringComparison.Ordinal);
        Assert.Equal(["ann", "bob", "eve"], lines[1..].Select(line => line.Split(',')[0]).Order());
    }

    [Fact]
    public async Task Qualification_OfSomebodyWithoutAnswers_IsGranted()
    {
        var job = await api.Http.CreateJobAsync(new { gold = new { oneIn = 5 }, qualification = new { passMark = 80 } });
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/workers", until: "text=has not answered yet");
        await page.GetByText("has not answered yet").ClickAsync();
        await page.GetByLabel("Worker id").FillAsync("nina");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Decide", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(Microsoft.Playwright.AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("The qualification of nina");
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Decide" }).ClickAsync();
        await Expect(page.GetByText("Decided for nina.")).ToBeVisibleAsync();
        // Changed one's mind: what was decided is known to the next decision.
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Decide", Exact = true }).ClickAsync();
        await dialog.GetByText("Refused").ClickAsync();
        await dialog.GetByLabel("Reason").FillAsync("somebody else");
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Decide" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        Assert.Equal("refused", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/workers/nina")).GetProperty("qualification").String("decision"));
    }

    private async Task<(int Confirmed, int Disconfirmed, int Split)> TotalsAsync(string job)
    {
        var totals = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("totals");
        return (totals.Int("confirmed"), totals.Int("disconfirmed"), totals.Int("split"));
    }

    /// <summary>Of the images a third is wrong; ann and bob see it, and eve confirms everything.</summary>
    private async Task<string> VotedAsync()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 3 });
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, Images).Select(number => $"s3://b/{number}.jpg,Dog,90\n")));
        await api.Http.VoteAsync(job, from number in Enumerable.Range(0, Images) from worker in (string[])["ann", "bob", "eve"] select new { imageUrl = $"s3://b/{number}.jpg", label = "Dog", workerId = worker, confirmed = number % 3 != 0 || worker == "eve" });
        return job;
    }

    private const int Images = 72;
}

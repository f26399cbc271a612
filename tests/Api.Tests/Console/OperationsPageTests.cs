using System.Globalization;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>The console's pages of operations and of a job's settings, in a browser.</summary>
public sealed class OperationsPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Operations_OnEachScreen_AreReadable(int width, bool isDark)
    {
        var job = await ImportedAsync();
        await LookAsync(width, isDark,
            ("/console/operations", "text=There is no queue"), ("/console/operations?view=letters", "text=There are no dead letters"), ("/console/operations?view=labeling", "text=can't be listed or begun here"),
            ($"/console/operations?view=jobs&job={job}", "text=Audit now"), ("/console/operations?view=keys", "text=Nobody is asked who they are"), ("/console/changes", "text=importItems"));
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Settings_OnEachScreen_AreReadable(int width, bool isDark)
    {
        var job = await ImportedAsync();
        var settings = $"/console/jobs/{job}/settings";
        await LookAsync(width, isDark, (settings, "text=Give a target"), ($"{settings}?view=export", "text=Parquet"), ($"{settings}?view=work", "text=Nothing runs"), ($"{settings}?view=changes", "text=importItems"));
    }

    [Fact]
    public async Task Policy_ChangedAndATargetGiven_HoldInRestAndOnThePage()
    {
        var job = await ImportedAsync();
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/settings", until: "text=Give a target");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Change: Policy" }).ClickAsync();
        var dialog = page.GetByRole(Microsoft.Playwright.AriaRole.Dialog);
        await dialog.GetByText("Majority: as most votes say").ClickAsync();
        await page.AssertGoodAsync("console-policy");
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(page.Locator("tr", new() { Has = page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Change: Policy" }) })).ToContainTextAsync("majority");
        Assert.Equal("majority", (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).String("policy"));

        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Give a target" }).ClickAsync();
        await dialog.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Give it" }).ClickAsync();
        await Expect(page.GetByText("0 pass, 0 fail")).ToBeVisibleAsync();
        Assert.Equal(0.1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/target")).GetProperty("maxIncorrectPerCorrect").GetDouble());
    }

    [Fact]
    public async Task Deletion_OnceTheNameIsTyped_IsFollowed()
    {
        var job = await ImportedAsync();
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/settings?view=work", until: "text=Delete the job");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Delete the job" }).ClickAsync();
        var delete = page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Delete for good" });
        await page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).GetByLabel("Type the name to confirm").FillAsync(job[..5]);
        await Expect(delete).ToBeDisabledAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).GetByLabel("Type the name to confirm").FillAsync(job);
        await delete.ClickAsync();
        // It sweeps a second time later on.
        await Expect(page.Locator("tr", new() { HasText = "Deletion" })).ToContainTextAsync("of 4", new() { Timeout = 20_000 });
        await (await api.Http.GetAsync($"/v1/jobs/{job}", TestContext.Current.CancellationToken)).ProblemAsync(404);
    }

    [Fact]
    public async Task Audit_OfAJob_ShowsItsResult()
    {
        var job = await ImportedAsync();
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/operations?view=jobs&job={job}", until: "text=Audit now");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Audit now" }).ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = "Audit" })).ToContainTextAsync("2 images compared, no difference", new() { Timeout = 20_000 });
    }

    private async Task<string> ImportedAsync()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1, order = "random(7)" });
        await api.Http.ImportAsync(job, "s3://b/1.jpg,Dog,90\ns3://b/2.jpg,Cat,95\n");
        return job;
    }

    private async Task LookAsync(int width, bool isDark, params (string Path, string Until)[] views)
    {
        var page = await browser.OpenConsoleAsync(api.Http, views[0].Path, width, isDark, views[0].Until);
        foreach (var (path, until) in views)
        {
            if (path != views[0].Path) await page.GotoAsync(new Uri(api.Http.BaseAddress!, path).ToString());
            await page.WaitForSelectorAsync(until);
            await page.AssertGoodAsync(string.Create(CultureInfo.InvariantCulture, $"console-{path.Split('/')[^1].Split('&')[0].Replace("?view=", "-", StringComparison.Ordinal)}-{width}-{(isDark ? "dark" : "light")}"));
        }
    }
}

using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace BulkQA.Api.Tests;

/// <summary>The console's list of jobs, in a browser.</summary>
public sealed class JobsPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Jobs_OnEachScreen_AreReadable(int width, bool isDark)
    {
        var job = await JobAsync();
        await api.Http.ImportAsync(job, "s3://b/1.jpg,Dog,90\n");
        var page = await browser.OpenConsoleAsync(api.Http, "/console", width, isDark, $"text={job}");
        await page.AssertGoodAsync(string.Create(CultureInfo.InvariantCulture, $"console-jobs-{width}-{(isDark ? "dark" : "light")}"));
    }

    [Fact]
    public async Task Jobs_WhileSomebodyVotes_FollowWithoutBeingLoadedAgain()
    {
        var job = await JobAsync();
        await api.Http.ImportAsync(job, "s3://b/1.jpg,Dog,90\ns3://b/2.jpg,Dog,90\n");
        var page = await browser.OpenConsoleAsync(api.Http, "/console", until: $"text={job}");
        var row = page.Locator("tr", new() { HasText = job });
        await Microsoft.Playwright.Assertions.Expect(row).ToContainTextAsync("0 of 1 tasks");
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://b/1.jpg", label = "Dog", workerId = "ann", confirmed = true }, new { imageUrl = "s3://b/2.jpg", label = "Dog", workerId = "ann", confirmed = false }]);
        await Microsoft.Playwright.Assertions.Expect(row).ToContainTextAsync(new Regex("1 of 1 tasks"));
    }

    /// <summary>With a name that is on the first page of the list, however many jobs other tests have made.</summary>
    private async Task<string> JobAsync()
    {
        var name = $"0-{Guid.NewGuid():N}";
        await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name, workersPerTask = 1 }, TestContext.Current.CancellationToken)).JsonAsync();
        return name;
    }

    [Fact]
    public async Task Jobs_ByADeploymentsScripts_RunUnderAPolicyWithoutInlineScripts()
    {
        using var response = await api.Http.GetAsync("/console", TestContext.Current.CancellationToken);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}

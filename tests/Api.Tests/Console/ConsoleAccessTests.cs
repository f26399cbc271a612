using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>Who may see what in the console: what REST says, for as long as the session stands.</summary>
public sealed class ConsoleAccessTests(SignInProcess process, Browser browser) : IClassFixture<SignInProcess>, IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Operator => process.Operator.Http;

    [Fact]
    public async Task Viewer_OfOneJob_SeesItAndNoOther()
    {
        var (mine, other) = (await JobAsync(), await JobAsync());
        using var vera = await InvitedAsync("Vera-One", new { role = "viewer", job = mine });
        var page = await OpenAsync(vera, "/console");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = mine })).ToBeVisibleAsync();
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = other }).CountAsync());
        // Nothing is offered that only leads and operators may.
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = "New job" }).CountAsync());
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = "Operations" }).CountAsync());
        await page.GotoAsync(new Uri(process.Address, $"/console/jobs/{mine}").ToString());
        await Expect(page.Locator(".heat").First).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(process.Address, $"/console/jobs/{other}").ToString());
        await Expect(page.GetByText($"There is no job '{other}'")).ToBeVisibleAsync();
        await page.AssertGoodAsync("console-not-found");
    }

    [Fact]
    public async Task Session_ThatIsEnded_LeavesNothingOnTheOpenPage()
    {
        var job = await JobAsync();
        using var vera = await InvitedAsync("Vera-Ended", new { role = "viewer" });
        var page = await OpenAsync(vera, $"/console/jobs/{job}");
        await Expect(page.Locator(".heat").First).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await Operator.DeleteAsync($"/v1/people/{vera.PersonId}/sessions", Cancellation)).StatusCode);
        await Expect(page.GetByText("You are signed out").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator(".heat").CountAsync());
        await page.AssertGoodAsync("console-signed-out");
    }

    [Fact]
    public async Task Grant_ThatIsTaken_TakesTheOpenPageWithIt()
    {
        var job = await JobAsync();
        using var vera = await InvitedAsync("Vera-Less", new { role = "viewer", job });
        var page = await OpenAsync(vera, $"/console/jobs/{job}");
        await Expect(page.Locator(".heat").First).ToBeVisibleAsync();
        await process.Operator.PatchAsync(vera.PersonId, new { remove = (object[])[new { role = "viewer", job }] });
        await Expect(page.GetByText($"There is no job '{job}'").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator(".heat").CountAsync());
    }

    [Fact]
    public async Task SignOut_FromTheConsole_EndsTheSession()
    {
        using var vera = await InvitedAsync("Vera-Out", new { role = "viewer" });
        var page = await OpenAsync(vera, "/console");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("/console", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, (await vera.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Stranger_IsSentToSignIn()
    {
        using var stranger = new SignedIn(process.Address);
        var page = await stranger.GetPageAsync("/console");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?returnUrl=%2Fconsole"), (page.StatusCode, page.Headers.Location!.PathAndQuery));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.Http.GetAsync("/_blazor", Cancellation)).StatusCode);
    }

    private async Task<string> JobAsync()
    {
        var job = await Operator.CreateJobAsync(new { workersPerTask = 1 });
        await Operator.ImportAsync(job, "s3://b/1.jpg,Dog,90\n");
        return job;
    }

    private async Task<SignedIn> InvitedAsync(string name, object grant) => await SignedIn.InvitedAsync(process.Address, await process.Operator.InviteAsync(grant), name);

    private async Task<IPage> OpenAsync(SignedIn person, string path)
    {
        var page = await browser.OpenAsync();
        await page.Context.AddCookiesAsync(person.Cookies.GetCookies(process.Address).Select(cookie => new Microsoft.Playwright.Cookie { Name = cookie.Name, Value = cookie.Value, Url = process.Address.ToString() }));
        await page.GotoAsync(new Uri(process.Address, path).ToString());
        await page.WaitForSelectorAsync("main h1");
        return page;
    }
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>What cookies, redirects and content security policies come to in a real browser, the provider being another site.</summary>
public sealed class SignInBrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Person_SignsInAtTheProviderAndOutOfBoth()
    {
        using var folder = new TemporaryFolder();
        await using var server = await OidcServer.StartAsync();
        await using var host = await SignInHost.StartAsync(folder.Path, server.Url);
        var url = host.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await server.RegisterAsync(url);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{url}/sign-in/oidc?returnUrl=/page");
        await page.FillAsync("[name=login]", "ann");
        await page.FillAsync("[name=password]", "right");
        await page.ClickAsync("text=Sign in");
        await Assertions.Expect(page).ToHaveURLAsync($"{url}/page");
        // A form of ours names our page by itself.
        await page.ClickAsync("text=Sign out");
        await Assertions.Expect(page.Locator("button[name=logout]")).ToBeVisibleAsync();
        Assert.StartsWith(server.Url, page.Url, StringComparison.Ordinal);
        await page.ClickAsync("button[name=logout]");
        await Assertions.Expect(page).ToHaveURLAsync($"{url}/signed-out");
        await Assertions.Expect(page).ToHaveTitleAsync("You are signed out");
        await page.GotoAsync($"{url}/sign-in/oidc?returnUrl=/page");
        // Nobody is signed in by a session that was left at the provider.
        Assert.StartsWith(server.Url, page.Url, StringComparison.Ordinal);
        Assert.Equal(1, await page.Locator("[name=login]").CountAsync());
    }
}

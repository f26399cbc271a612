using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

public sealed class PasskeyBrowserTests(SignInProcess process, Browser browser) : IClassFixture<SignInProcess>, IClassFixture<Browser>
{
    private Uri Site => new($"http://localhost:{process.Address.Port}");

    [Fact]
    public async Task Invited_AddsAPasskey_SignsOutAndInByItAndRemovesIt()
    {
        var page = await OpenAsync();
        await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(await process.Operator.InviteAsync(new { role = "worker" }))}");
        await page.FillAsync("[name=name]", "Ann Browser");
        await page.FillAsync("[name=signInName]", "ann-browser@example.org");
        await page.FillAsync("[name=password]", SignedIn.Password);
        await page.ClickAsync("text=Create the account");
        await page.ClickAsync("text=Ann Browser");
        await Browser.ScreenshotAsync(page, "me-empty");
        await page.FillAsync("#confirm", "another horse battery");
        await page.ClickAsync("#add-passkey");
        Assert.Contains("not your password", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
        await page.FillAsync("#confirm", SignedIn.Password);
        await page.FillAsync("#passkey-name", "Laptop");
        await page.ClickAsync("#add-passkey");
        Assert.Contains("is added", await page.InnerTextAsync("[role=status]"), StringComparison.Ordinal);
        await ScreenshotsAsync(page, "me");
        await page.FillAsync("#confirm", SignedIn.Password);
        await page.ClickAsync("#add-passkey");
        Assert.Contains("already", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
        await page.ClickAsync("text=Sign out >> nth=0");
        await page.WaitForURLAsync("**/signed-out");
        await page.GotoAsync(new Uri(Site, "/sign-in?returnUrl=/me").ToString());
        await ScreenshotsAsync(page, "sign-in");
        await page.ClickAsync("#sign-in-by-passkey");
        await page.WaitForURLAsync("**/me");
        Assert.Contains("last used", await page.InnerTextAsync(".passkeys"), StringComparison.Ordinal);
        await page.FillAsync("#confirm", SignedIn.Password);
        // Enter removes nothing.
        await page.PressAsync("#confirm", "Enter");
        await page.ClickAsync("text=Remove");
        Assert.Contains("is removed", await page.InnerTextAsync("[role=status]"), StringComparison.Ordinal);
        await page.GotoAsync(new Uri(Site, "/me").ToString());
        await page.ClickAsync("text=Sign out everywhere");
        await page.WaitForURLAsync("**/sign-in");
        await page.ClickAsync("#sign-in-by-passkey");
        Assert.Contains("signs nobody in", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
    }

    /// <summary>Whoever lost a device ticks the box; whoever only forgot the password leaves it, and its passkeys go on.</summary>
    [Fact]
    public async Task PasswordLink_WithTheBoxLeftOrTicked_KeepsOrRemovesPasskeys()
    {
        var page = await OpenAsync();
        await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(await process.Operator.InviteAsync(new { role = "worker" }))}");
        await page.FillAsync("[name=name]", "Tess Ticks");
        await page.FillAsync("[name=signInName]", "tess-ticks@example.org");
        await page.FillAsync("[name=password]", SignedIn.Password);
        await page.ClickAsync("text=Create the account");
        await page.ClickAsync("text=Tess Ticks");
        await page.FillAsync("#confirm", SignedIn.Password);
        await page.ClickAsync("#add-passkey");
        Assert.Contains("is added", await page.InnerTextAsync("[role=status]"), StringComparison.Ordinal);
        var person = (await process.Operator.Http.GetJsonAsync("/v1/people")).GetProperty("items").EnumerateArray().Single(entry => entry.String("name") == "Tess Ticks").String("id");
        foreach (var (removes, number) in ((bool, int)[])[(false, 1), (true, 2)])
        {
            var link = await (await process.Operator.Http.PostAsync($"/v1/people/{person}/password-link", null, TestContext.Current.CancellationToken)).JsonAsync();
            await page.GotoAsync("about:blank");
            await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(link.String("link"))}");
            Assert.Contains("A new password for Tess Ticks", await page.InnerTextAsync("h1"), StringComparison.Ordinal);
            Assert.False(await page.IsCheckedAsync("[name=removePasskeys]"));
            await ScreenshotsAsync(page, "password-link");
            if (removes) await page.ClickAsync("text=Remove my passkey, too");
            await page.FillAsync("[name=password]", $"{SignedIn.Password} {number}");
            await page.ClickAsync("text=Set it and sign in");
            await page.WaitForURLAsync(url => !url.Contains("invitation", StringComparison.Ordinal));
            Assert.Equal(removes ? 0 : 1, (await process.Operator.Http.GetJsonAsync($"/v1/people/{person}/data")).Int("passkeys"));
            await page.Context.ClearCookiesAsync();
            await page.GotoAsync(new Uri(Site, "/sign-in?returnUrl=/me").ToString());
            await page.ClickAsync("#sign-in-by-passkey");
            if (removes) Assert.Contains("signs nobody in", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
            else await page.WaitForURLAsync("**/me");
        }
    }

    [Fact]
    public async Task SignInPage_WhereTheBrowserHasNoPasskeys_DoesNotOfferThem()
    {
        var page = await browser.OpenAsync();
        await page.AddInitScriptAsync("delete window.PublicKeyCredential");
        await page.GotoAsync(new Uri(Site, "/sign-in").ToString());
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.False(await page.IsVisibleAsync("#sign-in-by-passkey"));
        Assert.True(await page.IsVisibleAsync("#password"));
    }

    /// <summary>With a device that knows whose finger it is.</summary>
    private async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync();
        await VirtualDevice.AddAsync(page);
        return page;
    }

    private static async Task ScreenshotsAsync(IPage page, string name)
    {
        await Browser.ScreenshotAsync(page, name);
        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(390, 844);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than a narrow screen");
        await Browser.ScreenshotAsync(page, $"{name}-narrow");
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }
}

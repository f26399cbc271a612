using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using Microsoft.Extensions.Options;

namespace BulkQA.Api.Tests;

/// <summary>Signing in at a real provider, and what others could make of the way there and back.</summary>
public sealed class OidcTests(OidcTests.Running running) : IClassFixture<OidcTests.Running>
{
    private readonly string _url = running.Host.Url;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Begin => $"{_url}/sign-in/oidc";

    [Theory]
    [InlineData("ann", "subject=ann name=Ann Lee email=ann@example.org roles=lead,worker teams=dogs")]
    [InlineData("bob", "subject=bob name=Bob roles= teams=")]
    [InlineData("cat", "subject=cat roles=worker teams=dogs")]
    [InlineData("many", "subject=many roles=worker teams=dogs")]
    public async Task SignIn_AtTheProvider_GivesRolesAndTeamsOfItsGroups(string login, string expected)
    {
        using var browser = new TestBrowser();
        var back = await browser.SignInAtProviderAsync($"{Begin}?returnUrl=/me%3Ffrom%3Dhere", login);
        var (at, page) = await browser.FollowAsync(back.AbsoluteUri);
        Assert.Equal($"{_url}/me?from=here", at.AbsoluteUri);
        Assert.Equal($"issuer={running.Server.Url} {expected}", await page!.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Request_ToTheProvider_IsTheCodeFlowWithPkceStateAndNonce()
    {
        using var browser = new TestBrowser();
        var response = await browser.GetAsync(Begin);
        var query = HttpUtility.ParseQueryString(response.Headers.Location!.Query);
        Assert.Equal(("code", "S256", "openid profile email groups"), (query["response_type"], query["code_challenge_method"], query["scope"]));
        Assert.Equal(($"{_url}/sign-in/oidc/callback", null), (query["redirect_uri"], query["response_mode"]));
        foreach (var name in (string[])["code_challenge", "state", "nonce"]) Assert.True(query[name]!.Length >= 43, name);
        var cookies = response.Headers.GetValues("Set-Cookie").ToList();
        Assert.Equal(2, cookies.Count);
        Assert.All(cookies, cookie => Assert.Matches("samesite=lax; httponly$", cookie));
    }

    [Fact]
    public async Task Cookies_BeyondLoopback_AreSecureWithoutTlsOfOurOwn()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, Begin) { Headers = { Host = "bulkqa.example.com" } };
        var response = await http.SendAsync(request, Cancellation);
        Assert.All(response.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure; samesite=lax; httponly", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callback_WithAnotherState_IsRefused()
    {
        using var browser = new TestBrowser();
        using var other = new TestBrowser();
        var (back, theirs) = (await browser.SignInAtProviderAsync(Begin, "ann"), await other.SignInAtProviderAsync(Begin, "bob"));
        await AssertRefusedAsync(browser, With(back, "state", null));
        await AssertRefusedAsync(browser, With(back, "state", "made-up"));
        await AssertRefusedAsync(browser, With(back, "state", HttpUtility.ParseQueryString(theirs.Query)["state"]));
    }

    /// <summary>Somebody sends their own way back to another, who would work under their name.</summary>
    [Fact]
    public async Task Callback_InABrowserThatDidNotBegin_IsRefused()
    {
        using var browser = new TestBrowser();
        using var victim = new TestBrowser();
        var back = await browser.SignInAtProviderAsync(Begin, "ann");
        await AssertRefusedAsync(victim, back.AbsoluteUri);
        await victim.SignInAtProviderAsync(Begin, "bob");
        await AssertRefusedAsync(victim, back.AbsoluteUri);
    }

    [Fact]
    public async Task Callback_WithTheCodeOfAnothersSignIn_IsRefused()
    {
        using var browser = new TestBrowser();
        using var thief = new TestBrowser();
        var (stolen, own) = (await browser.SignInAtProviderAsync(Begin, "ann"), await thief.SignInAtProviderAsync(Begin, "bob"));
        await AssertRefusedAsync(thief, With(own, "code", HttpUtility.ParseQueryString(stolen.Query)["code"]));
    }

    [Fact]
    public async Task Callback_Twice_IsTakenOnce()
    {
        using var browser = new TestBrowser();
        var back = (await browser.SignInAtProviderAsync(Begin, "ann")).AbsoluteUri;
        var (_, page) = await browser.FollowAsync(back);
        Assert.True(page!.StatusCode is HttpStatusCode.NotFound, "the sign-in leads to /, which this host does not have");
        using var again = new TestBrowser();
        await AssertRefusedAsync(again, back);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync(back)).StatusCode);
        // The session is none the worse for it.
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/me")).StatusCode);
    }

    [Fact]
    public async Task IdToken_WithAnotherNonce_IsRefused()
    {
        using var browser = new TestBrowser();
        var back = await browser.SignInAtProviderAsync(Begin, "ann", change: request => Regex.Replace(request, "nonce=[^&]+", "nonce=of-another-sign-in"));
        await AssertRefusedAsync(browser, back.AbsoluteUri);
    }

    [Theory]
    [InlineData("over", "more groups than")]
    [InlineData("shut", "nobody has given you access")]
    public async Task SignIn_OfWhomNobodyMay_Is403InWordsAndNoSession(string login, string words)
    {
        using var browser = new TestBrowser();
        var (_, page) = await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin, login)).AbsoluteUri);
        Assert.Equal(HttpStatusCode.Forbidden, page!.StatusCode);
        Assert.Contains(words, await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/me")).StatusCode);
    }

    [Fact]
    public async Task SignIn_CancelledAtTheProvider_SaysSo()
    {
        using var browser = new TestBrowser();
        var (form, _) = await browser.FollowAsync((await browser.GetAsync(Begin)).Headers.Location!.AbsoluteUri);
        var answer = await browser.PostAsync(form.AbsoluteUri, ("cancel", "1"));
        var (_, page) = await browser.FollowAsync(answer.Headers.Location!.AbsoluteUri);
        Assert.Equal(HttpStatusCode.Forbidden, page!.StatusCode);
        Assert.Contains("You did not sign in", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("evil")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task ReturnUrl_ThatLeadsElsewhere_IsRefused(string returnUrl)
    {
        using var browser = new TestBrowser();
        var response = await browser.GetAsync($"{Begin}?returnUrl={Uri.EscapeDataString(returnUrl)}");
        Assert.Equal((HttpStatusCode.BadRequest, false), (response.StatusCode, response.Headers.Contains("Set-Cookie")));
        // Nor at the end of the way, for whom somebody sends there on it.
        await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin, "ann")).AbsoluteUri, at => at.AbsolutePath == "/sign-in/oidc/done");
        await AssertRefusedAsync(browser, $"{_url}/sign-in/oidc/done?returnUrl={Uri.EscapeDataString(returnUrl)}");
    }

    [Fact]
    public async Task Done_WithoutHavingBeenAtTheProvider_IsRefused()
    {
        using var browser = new TestBrowser();
        await AssertRefusedAsync(browser, $"{_url}/sign-in/oidc/done?returnUrl=/me");
    }

    [Fact]
    public async Task Session_OfOneProcess_IsOneOfAnother()
    {
        using var browser = new TestBrowser();
        await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin, "ann")).AbsoluteUri);
        await using var other = await SignInHost.StartAsync(running.Data, running.Server.Url);
        Assert.Contains("subject=ann", await (await browser.GetAsync($"{other.Url}/me")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_EndsTheSessionHereAndAtTheProvider()
    {
        using var browser = new TestBrowser();
        await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin, "ann")).AbsoluteUri);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await browser.GetAsync($"{_url}/sign-out")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/me")).StatusCode);
        var page = await (await browser.PostAsync($"{_url}/sign-out")).Content.ReadAsStringAsync(Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/me")).StatusCode);
        var onward = WebUtility.HtmlDecode(Regex.Match(page, "content=\"0;url=([^\"]+)\"").Groups[1].Value);
        Assert.StartsWith($"{running.Server.Url}/", onward, StringComparison.Ordinal);
        // The provider asks whether that is meant; what it would do then, it says itself.
        var ask = await browser.GetAsync(onward);
        var form = await ask.Content.ReadAsStringAsync(Cancellation);
        Assert.True(ask.IsSuccessStatusCode, form);
        var xsrf = Regex.Match(form, "name=\"xsrf\" value=\"([^\"]+)\"").Groups[1].Value;
        var ended = await browser.PostAsync(Regex.Match(form, "action=\"([^\"]+)\"").Groups[1].Value, ("xsrf", xsrf), ("logout", "yes"));
        Assert.Equal($"{_url}/signed-out", ended.Headers.Location!.AbsoluteUri);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/signed-out")).StatusCode);
    }

    [Fact]
    public async Task Start_WrongSettings_AreAllNamedWithoutTheSecret()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SignInHost.StartAsync(
            running.Data, "http://idp.example",
            ("BulkQA:SignIn:Oidc:ClientId", ""), ("BulkQA:SignIn:Oidc:GroupsClaim", ""), ("BulkQA:SignIn:Oidc:RolesByGroup:qa", "root"), ("BulkQA:SignIn:Oidc:TeamsByGroup:qa", " ")));
        foreach (var problem in (string[])["Authority 'http://idp.example' is not an https address", "ClientId is empty", "GroupsClaim is empty", "'root' of group 'qa' is none of viewer", "TeamsByGroup: ' ' of group 'qa': a team's name has"])
            Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(OidcServer.Secret, refused.Message, StringComparison.Ordinal);
    }

    private static string With(Uri back, string name, string? value)
    {
        var query = HttpUtility.ParseQueryString(back.Query);
        query[name] = value;
        if (value is null) query.Remove(name);
        return $"{back.GetLeftPart(UriPartial.Path)}?{query}";
    }

    /// <summary>In words, without a session and without leading anywhere.</summary>
    private async Task AssertRefusedAsync(TestBrowser browser, string url)
    {
        var response = await browser.GetAsync(url);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{response.StatusCode} {response.Headers.Location} {text}");
        Assert.Contains("The sign-in did not succeed", text, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync($"{_url}/me")).StatusCode);
    }

    /// <summary>The service and a provider that know each other.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal OidcServer Server { get; private set; } = null!;

        internal SignInHost Host { get; private set; } = null!;

        public string Data => _folder.Path;

        public async ValueTask InitializeAsync()
        {
            Server = await OidcServer.StartAsync();
            Host = await SignInHost.StartAsync(Data, Server.Url);
            await Server.RegisterAsync(Host.Url);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Server.DisposeAsync();
            _folder.Dispose();
        }
    }
}

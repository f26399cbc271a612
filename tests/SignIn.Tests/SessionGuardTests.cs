using System.Net.Http.Headers;

namespace BulkQA.Api.Tests;

/// <summary>Changes by a session, whose cookie a browser sends along whoever's page asks.</summary>
public sealed class SessionGuardTests(SessionGuardTests.SignedIn signedIn) : IClassFixture<SessionGuardTests.SignedIn>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "", "", 403)]
    [InlineData("PUT", "", "", 403)]
    [InlineData("PATCH", "", "", 403)]
    [InlineData("DELETE", "", "", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "none", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "same-site", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("POST", "Origin", "https://evil.example", 403)]
    [InlineData("POST", "Origin", "null", 403)]
    [InlineData("POST", "Origin", "", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("DELETE", "Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("POST", "Origin", "{ours}", 200)]
    [InlineData("GET", "", "", 200)]
    public async Task Request_BySession_ChangesSomethingForOurOwnPagesOnly(string method, string header, string value, int status)
    {
        using var request = Request(method);
        if (header.Length > 0) request.Headers.TryAddWithoutValidation(header, value == "{ours}" ? signedIn.Host.Url : value);
        await AssertAsync(request, status);
    }

    [Fact]
    public async Task Request_BySessionWithTheTokenOfAPage_IsTakenInAHeaderAndInAForm()
    {
        using var issue = Request("GET", "/token");
        var page = await signedIn.Http.SendAsync(issue, Cancellation);
        var (token, cookie) = (await page.Content.ReadAsStringAsync(Cancellation), page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var inHeader = Request("POST");
        inHeader.Headers.Add("RequestVerificationToken", token);
        inHeader.Headers.Add("Cookie", cookie);
        await AssertAsync(inHeader, 200);
        using var inForm = Request("POST");
        inForm.Content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]);
        inForm.Headers.Add("Cookie", cookie);
        await AssertAsync(inForm, 200);
        // One without the other is what a stranger's page could send.
        using var withoutCookie = Request("POST");
        withoutCookie.Headers.Add("RequestVerificationToken", token);
        await AssertAsync(withoutCookie, 403);
        using var withoutToken = Request("POST");
        withoutToken.Content = new FormUrlEncodedContent([KeyValuePair.Create("a", "b")]);
        withoutToken.Headers.Add("Cookie", cookie);
        await AssertAsync(withoutToken, 403);
        using var tooMany = Request("POST");
        tooMany.Content = new FormUrlEncodedContent(Enumerable.Range(0, 5_000).Select(field => KeyValuePair.Create($"{field}", "")));
        tooMany.Headers.Add("Cookie", cookie);
        await AssertAsync(tooMany, 403);
        using var madeUp = Request("POST");
        madeUp.Headers.Add("RequestVerificationToken", "made up");
        madeUp.Headers.Add("Cookie", cookie);
        await AssertAsync(madeUp, 403);
    }

    [Fact]
    public async Task Request_ByAKey_NeedsNoPage()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{signedIn.Host.Url}/change");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SignInHost.Key);
        await AssertAsync(request, 200);
    }

    /// <summary>A form of a page of ours in a real browser sends what is asked for; signing out is one.</summary>
    [Fact]
    public async Task SignOut_BySessionOfNoPage_IsRefused()
    {
        using var request = Request("POST", "/sign-out");
        await AssertAsync(request, 403);
    }

    private HttpRequestMessage Request(string method, string path = "/change") => new(new HttpMethod(method), signedIn.Host.Url + path) { Headers = { { "Cookie", signedIn.Cookie } } };

    private async Task AssertAsync(HttpRequestMessage request, int status)
    {
        var response = await signedIn.Http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True((int)response.StatusCode == status, $"{response.StatusCode} {text}");
        if (status == 200) Assert.Equal("done", text);
        else Assert.Contains("The request comes ", text, StringComparison.Ordinal);
    }

    /// <summary>Somebody signed in, whose cookie is put into requests by hand.</summary>
    public sealed class SignedIn : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal SignInHost Host { get; private set; } = null!;

        public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

        public string Cookie { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await using var server = await OidcServer.StartAsync();
            Host = await SignInHost.StartAsync(_folder.Path, server.Url);
            await server.RegisterAsync(Host.Url);
            using var browser = new TestBrowser();
            var (done, _) = await browser.FollowAsync((await browser.SignInAtProviderAsync($"{Host.Url}/sign-in/oidc?returnUrl=/me", "ann")).AbsoluteUri, at => at.AbsolutePath == "/sign-in/oidc/done");
            var response = await browser.GetAsync(done.AbsoluteUri);
            Cookie = response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("bulkqa.session=", StringComparison.Ordinal)).Split(';')[0];
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Host.DisposeAsync();
            _folder.Dispose();
        }
    }
}

using System.Net;
using BulkQA.Emulators;

namespace BulkQA.Api.Tests;

/// <summary>Providers that are down, have another clock, or know BulkQA otherwise.</summary>
public sealed class OidcTroubleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Provider_ThatEnds_LeavesSessionsAndNewSignInsSaySo()
    {
        await using var server = await OidcServer.StartAsync();
        await using var host = await SignInHost.StartAsync(_folder.Path, server.Url);
        await server.RegisterAsync(host.Url);
        using var browser = new TestBrowser();
        using var late = new TestBrowser();
        await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin(host), "ann")).AbsoluteUri);
        var back = await late.SignInAtProviderAsync(Begin(host), "bob");
        await server.EndAsync();
        await AssertOutOfReachAsync(await late.GetAsync(back.AbsoluteUri));
        // What the probe knows of before holds for some seconds; then it says so, though the discovery document is known.
        var response = await late.GetAsync(Begin(host));
        for (var limit = TimeProvider.System.GetUtcNow().AddSeconds(30); response.StatusCode == HttpStatusCode.Redirect;)
        {
            Assert.True(TimeProvider.System.GetUtcNow() < limit, "the end of the provider goes unnoticed");
            response = await late.GetAsync(Begin(host));
        }
        await AssertOutOfReachAsync(response);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{host.Url}/me")).StatusCode);
        // Signing out needs nobody.
        await browser.PostAsync($"{host.Url}/sign-out");
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync($"{host.Url}/me")).StatusCode);
    }

    [Fact]
    public async Task Provider_ThatIsNotThereAtTheStart_IsNoReasonNotToStart()
    {
        await using var host = await SignInHost.StartAsync(_folder.Path, $"http://127.0.0.1:{FreePort.Take()}");
        using var browser = new TestBrowser();
        await AssertOutOfReachAsync(await browser.GetAsync(Begin(host)));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{host.Url}/signed-out")).StatusCode);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(-14, true)]
    [InlineData(6, false)]
    [InlineData(-16, false)]
    [InlineData(-50, false)]
    public async Task Clock_OfTheProvider_MayBeAFewMinutesWrong(int minutes, bool isTaken)
    {
        await using var server = await OidcServer.StartAsync(TimeSpan.FromMinutes(minutes));
        await using var host = await SignInHost.StartAsync(_folder.Path, server.Url);
        await server.RegisterAsync(host.Url);
        using var browser = new TestBrowser();
        var (_, page) = await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin(host), "ann")).AbsoluteUri);
        var text = await page!.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.BadRequest, page.StatusCode);
        Assert.Contains(isTaken ? "subject=ann" : "more than five minutes apart", text, StringComparison.Ordinal);
    }

    /// <summary>The discovery document of one issuer must not make another of it.</summary>
    [Fact]
    public async Task Provider_ThatCallsItselfAnother_IsNotBelieved()
    {
        await using var server = await OidcServer.StartAsync();
        await using var host = await SignInHost.StartAsync(_folder.Path, server.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        await server.RegisterAsync(host.Url);
        using var browser = new TestBrowser();
        var (_, page) = await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin(host), "ann")).AbsoluteUri);
        Assert.Equal(HttpStatusCode.BadRequest, page!.StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync($"{host.Url}/me")).StatusCode);
    }

    [Fact]
    public async Task Client_WithoutASecretAtAProviderThatIsPushedTo_SignsIn()
    {
        await using var server = await OidcServer.StartAsync(pushed: true);
        await using var host = await SignInHost.StartAsync(_folder.Path, server.Url, ("BulkQA:SignIn:Oidc:ClientSecret", null));
        await server.RegisterAsync(host.Url, isPublic: true);
        using var browser = new TestBrowser();
        Assert.Contains("request_uri=", (await browser.GetAsync(Begin(host))).Headers.Location!.Query, StringComparison.Ordinal);
        var (_, page) = await browser.FollowAsync((await browser.SignInAtProviderAsync(Begin(host), "ann")).AbsoluteUri);
        Assert.Contains("subject=ann", await page!.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_WithoutAProvider_EndsTheSessionHere()
    {
        await using var host = await SignInHost.StartAsync(_folder.Path, issuer: null);
        using var browser = new TestBrowser();
        Assert.Equal("/signed-out", (await browser.PostAsync($"{host.Url}/sign-out")).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(Begin(host))).StatusCode);
    }

    private static string Begin(SignInHost host) => $"{host.Url}/sign-in/oidc?returnUrl=/me";

    private static async Task AssertOutOfReachAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{response.StatusCode} {response.Headers.Location} {text}");
        Assert.Contains("Sign-in is not possible just now", text, StringComparison.Ordinal);
    }
}

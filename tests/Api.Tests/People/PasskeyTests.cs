using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Passkeys as a stranger's program would use them: <see cref="PasskeyBrowserTests"/> has a browser do it.</summary>
public sealed class PasskeyTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    /// <summary>Passkeys are for domains, and an address is none.</summary>
    private Uri Site => new($"http://localhost:{process.Address.Port}");

    [Fact]
    public async Task Passkey_ThatWasAdded_SignsInWithoutANameAndIsCounted()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-key");
        Assert.Equal("/me?done=added", (await (await AddAsync(ann, passkey)).JsonAsync()).String("next"));
        using var elsewhere = Browser();
        Assert.Equal("/work", (await (await SignInAsync(elsewhere, passkey)).JsonAsync()).String("next"));
        Assert.Equal(ann.PersonId, (await elsewhere.Http.GetJsonAsync("/v1/me")).String("person"));
        Assert.Equal(1, (await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}/data")).Int("passkeys"));
        Assert.Contains("last used", await (await ann.GetPageAsync("/me")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        // Too many wrong passwords lock nobody out who has a passkey.
        for (var attempt = 0; attempt < 10; attempt++) await elsewhere.SignInAsync("ann-key@example.org", "another horse battery");
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(elsewhere, passkey)).StatusCode);
    }

    [Fact]
    public async Task Passkey_WithoutThePassword_IsNotAdded()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-thief");
        foreach (var password in (string?[])[null, "", "another horse battery"]) await (await AddAsync(ann, passkey, password)).ProblemAsync(400);
        using var stranger = Browser();
        Assert.Equal(HttpStatusCode.Unauthorized, (await AddAsync(stranger, passkey)).StatusCode);
        // One that nothing was asked of, or something else.
        var options = JsonDocument.Parse("""{"challenge":"AAAA","rp":{"id":"localhost"},"user":{"id":"AAAA"}}""").RootElement;
        await (await ann.Http.PostAsJsonAsync("/me/passkeys", new { credential = passkey.Make(options) }, Cancellation)).ProblemAsync(400);
        await AskAsync(ann);
        await (await ann.Http.PostAsJsonAsync("/me/passkeys", new { credential = passkey.Make(options) }, Cancellation)).ProblemAsync(400);
        await (await ann.Http.PostAsJsonAsync("/me/passkeys/options", new { password = SignedIn.Password }, Cancellation)).JsonAsync();
        await (await ann.Http.PostAsJsonAsync("/sign-in/passkey", new { credential = passkey.Make(options) }, Cancellation)).ProblemAsync(400);
        Assert.Equal(0, (await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}/data")).Int("passkeys"));
    }

    [Fact]
    public async Task Passkey_ThatWasRemoved_SignsNobodyInAndEndsOtherSessions()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-lost");
        await (await AddAsync(ann, passkey)).JsonAsync();
        using var thief = Browser();
        await (await SignInAsync(thief, passkey)).JsonAsync();
        var id = JsonSerializer.SerializeToElement(passkey.Answer(await AskAsync(thief))).String("id");
        Assert.Equal(HttpStatusCode.BadRequest, (await ann.PostAsync("/me/passkeys/remove", ("id", id), ("password", "another horse battery"))).StatusCode);
        Assert.Equal("/me?done=removed", (await ann.PostAsync("/me/passkeys/remove", ("id", id), ("password", SignedIn.Password))).Headers.Location!.OriginalString);
        await (await SignInAsync(thief, passkey)).ProblemAsync(400);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Passkey_OfSomebodySuspended_SignsInOnlyOnceActiveAgain()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-out");
        await (await AddAsync(ann, passkey)).JsonAsync();
        await Operator.PatchAsync(ann.PersonId, new { state = "suspended" });
        using var elsewhere = Browser();
        await (await SignInAsync(elsewhere, passkey)).ProblemAsync(400);
        await Operator.PatchAsync(ann.PersonId, new { state = "active" });
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(elsewhere, passkey)).StatusCode);
    }

    [Fact]
    public async Task Passkey_OfSomebodyErased_SignsNobodyInAndIsFree()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-gone");
        using var bob = await WorkerAsync("Bob-next");
        await (await AddAsync(ann, passkey)).JsonAsync();
        await (await AddAsync(bob, passkey)).ProblemAsync(400);
        passkey.UserHandle = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(ann.PersonId));
        (await Operator.Http.DeleteAsync($"/v1/people/{ann.PersonId}", Cancellation)).EnsureSuccessStatusCode();
        using var elsewhere = Browser();
        await (await SignInAsync(elsewhere, passkey)).ProblemAsync(400);
        await (await AddAsync(bob, passkey)).JsonAsync();
        await (await SignInAsync(elsewhere, passkey)).JsonAsync();
        Assert.Equal(bob.PersonId, (await elsewhere.Http.GetJsonAsync("/v1/me")).String("person"));
    }

    /// <summary>Whoever saw the request whole, with the cookie that holds the question, sends it again.</summary>
    [Fact]
    public async Task Answer_SentAgainWithItsCookie_IsTakenOnce()
    {
        using var passkey = new Authenticator(Site);
        using var ann = await WorkerAsync("Ann-again");
        await (await AddAsync(ann, passkey)).JsonAsync();
        using var first = Browser();
        var answer = new { credential = passkey.Answer(await AskAsync(first)) };
        var question = first.Cookies.GetCookies(Site)["bulkqa.passkey"]!.Value;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await ReplayAsync(question, answer)).StatusCode));
        Assert.Single(statuses, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.BadRequest, (await ReplayAsync(question, answer)).StatusCode);
        // To another question it is no answer, and without any neither.
        await AskAsync(first);
        await (await first.Http.PostAsJsonAsync("/sign-in/passkey", answer, Cancellation)).ProblemAsync(400);
        using var stranger = Browser();
        await (await stranger.Http.PostAsJsonAsync("/sign-in/passkey", answer, Cancellation)).ProblemAsync(400);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(stranger, passkey)).StatusCode);
    }

    [Fact]
    public async Task Answer_OfAnotherSiteWithoutVerificationOrForAnother_SignsNobodyIn()
    {
        using var ann = await WorkerAsync("Ann-site");
        using var bob = await WorkerAsync("Bob-site");
        using var elsewhere = Browser();
        foreach (var bad in (Authenticator[])[new(Site) { Origin = "https://evil.example" }, new(Site) { Verifies = false }]) using (bad) await (await AddAsync(ann, bad)).ProblemAsync(400);
        using var passkey = new Authenticator(Site);
        await (await AddAsync(ann, passkey)).JsonAsync();
        passkey.UserHandle = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(bob.PersonId));
        await (await SignInAsync(elsewhere, passkey)).ProblemAsync(400);
        foreach (var credential in (object?[])[null, 1, "x", new { }, new { id = "AAAA" }, (object[])[]])
            await (await elsewhere.Http.PostAsJsonAsync("/sign-in/passkey", new { credential }, Cancellation)).ProblemAsync(400);
        foreach (var body in (object[])[new { }, new { credential = (object?)null }, new { credential = new { id = "AAAA", type = "public-key", response = 3 } }])
        {
            await AskAsync(elsewhere);
            await (await elsewhere.Http.PostAsJsonAsync("/sign-in/passkey", body, Cancellation)).ProblemAsync(400);
        }
    }

    [Fact]
    public async Task Password_Changed_EndsOtherSessionsAndAsksForThePresentOne()
    {
        using var ann = await WorkerAsync("Ann-change");
        using var elsewhere = Browser();
        await elsewhere.SignInAsync("ann-change@example.org");
        Assert.Equal(HttpStatusCode.BadRequest, (await ann.PostAsync("/me/password", ("current", "another horse battery"), ("password", "a new horse battery"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await ann.PostAsync("/me/password", ("current", SignedIn.Password), ("password", "short"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal("/me?done=password", (await ann.PostAsync("/me/password", ("current", SignedIn.Password), ("password", "a new horse battery"))).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.SignInAsync("ann-change@example.org", "a new horse battery"));
    }

    [Fact]
    public async Task SignOutEverywhere_EndsAllSessionsOfThePersonAlone()
    {
        using var ann = await WorkerAsync("Ann-everywhere");
        using var elsewhere = Browser();
        await elsewhere.SignInAsync("ann-everywhere@example.org");
        Assert.Equal("/sign-in", (await ann.PostAsync("/me/sign-out-everywhere")).Headers.Location!.OriginalString);
        foreach (var browser in (SignedIn[])[ann, elsewhere]) Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Operator.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
    }

    private static async Task<JsonElement> AskAsync(SignedIn browser) => await (await browser.Http.PostAsync("/sign-in/passkey/options", null, Cancellation)).JsonAsync();

    private static async Task<HttpResponseMessage> SignInAsync(SignedIn browser, Authenticator passkey) =>
        await browser.Http.PostAsJsonAsync("/sign-in/passkey", new { credential = passkey.Answer(await AskAsync(browser)), returnUrl = "https://evil.example/" }, Cancellation);

    private static async Task<HttpResponseMessage> AddAsync(SignedIn browser, Authenticator passkey, string? password = SignedIn.Password)
    {
        var options = await browser.Http.PostAsJsonAsync("/me/passkeys/options", new { password }, Cancellation);
        return options.IsSuccessStatusCode ? await browser.Http.PostAsJsonAsync("/me/passkeys", new { credential = passkey.Make(await options.JsonAsync()), name = "Phone" }, Cancellation) : options;
    }

    private async Task<HttpResponseMessage> ReplayAsync(string question, object answer)
    {
        using var browser = Browser();
        browser.Cookies.Add(Site, new Cookie("bulkqa.passkey", question));
        return await browser.Http.PostAsJsonAsync("/sign-in/passkey", answer, Cancellation);
    }

    private async Task<SignedIn> WorkerAsync(string name)
    {
        var ann = await SignedIn.InvitedAsync(Site, await Operator.InviteAsync(new { role = "worker" }), name);
        ann.Http.DefaultRequestHeaders.Add("Origin", Site.GetLeftPart(UriPartial.Authority));
        return ann;
    }

    private SignedIn Browser()
    {
        var browser = new SignedIn(Site);
        browser.Http.DefaultRequestHeaders.Add("Origin", Site.GetLeftPart(UriPartial.Authority));
        return browser;
    }
}

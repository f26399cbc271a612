using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Invitations taken by a passkey, without ever having a password. <see cref="InvitationPasskeyBrowserTests"/> has a browser do it.</summary>
public sealed class InvitationPasskeyTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private const string Over = "This link is not valid, or not any more. Ask whoever sent it for a new one.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    private Uri Site => new($"http://localhost:{process.Address.Port}");

    [Fact]
    public async Task Invitation_TakenByAPasskey_MakesSomebodyWithoutAPasswordWhoSignsInByIt()
    {
        using var passkey = new Authenticator(Site);
        var link = await InviteAsync();
        using var eva = await MadeAsync(link, passkey, "Eva");
        var kept = await DataAsync(eva);
        Assert.False(kept.GetProperty("hasPassword").GetBoolean());
        Assert.Equal((1, "Eva", "eva@example.org"), (kept.Int("passkeys"), kept.GetProperty("person").String("name"), kept.GetProperty("person").String("signInName")));
        Assert.Equal(1, (await InvitationAsync(link)).Int("used"));
        using var elsewhere = Browser();
        Assert.Equal("/work", (await (await SignInAsync(elsewhere, passkey)).JsonAsync()).String("next"));
        Assert.Equal(HttpStatusCode.BadRequest, await elsewhere.SignInAsync("eva@example.org"));
        Assert.Equal(HttpStatusCode.BadRequest, await elsewhere.SignInAsync("eva@example.org", ""));
    }

    /// <summary>What the browser made is not sent, or is another's: nobody is made, no use counts, and the same link is taken afterwards.</summary>
    [Fact]
    public async Task Invitation_WhosePasskeyIsCancelledOrForeign_IsNotUsed()
    {
        using var taken = new Authenticator(Site);
        using var owner = await MadeAsync(await InviteAsync(), taken, "Olaf");
        var link = await InviteAsync();
        using var browser = Browser();
        await AskAsync(browser, link, "Cora");
        foreach (var bad in (Authenticator[])[new(Site) { Origin = "https://evil.example" }, new(Site) { Verifies = false }])
            using (bad) await (await TakeAsync(browser, link, bad.Make(await AskAsync(browser, link, "Cora")))).ProblemAsync(400);
        foreach (var credential in (object?[])[null, 1, "x", new { }, new { id = "AAAA", type = "public-key", response = 3 }])
        {
            await AskAsync(browser, link, "Cora");
            await (await TakeAsync(browser, link, credential)).ProblemAsync(400);
        }
        // Of somebody else's device, which has a person here already.
        await (await TakeAsync(browser, link, taken.Make(await AskAsync(browser, link, "Cora")))).ProblemAsync(400);
        Assert.Equal(0, (await InvitationAsync(link)).Int("used"));
        Assert.DoesNotContain((await Operator.Http.GetJsonAsync("/v1/people?name=Cora")).GetProperty("items").EnumerateArray(), person => person.String("name") == "Cora");
        using var passkey = new Authenticator(Site);
        using var cora = await MadeAsync(link, passkey, "Cora");
        Assert.Equal(1, (await InvitationAsync(link)).Int("used"));
    }

    [Fact]
    public async Task Answer_OfAnotherLinkOrBrowserOrOfNoQuestion_IsRefused()
    {
        var (first, second) = (await InviteAsync(uses: 5), await InviteAsync(uses: 5));
        using var passkey = new Authenticator(Site);
        using var browser = Browser();
        using var stranger = Browser();
        await (await TakeAsync(stranger, first, passkey.Make(await AskAsync(browser, first, "Dora")))).ProblemAsync(400);
        await (await TakeAsync(browser, second, passkey.Make(await AskAsync(browser, first, "Dora")))).ProblemAsync(400);
        // The question was forgotten with the answer that was refused.
        await (await TakeAsync(browser, first, passkey.Make(await AskAsync(stranger, first, "Dora")))).ProblemAsync(400);
        // What somebody who is signed in was asked for a passkey of its own is another question.
        using var other = new Authenticator(Site);
        using var member = await MadeAsync(first, other, "Mona");
        var own = await (await member.Http.PostAsJsonAsync("/me/passkeys/options", new { proof = await ProofAsync(member, other) }, Cancellation)).JsonAsync();
        browser.Cookies.Add(Site, new Cookie("bulkqa.link-passkey", member.Cookies.GetCookies(Site)["bulkqa.passkey"]!.Value));
        await (await TakeAsync(browser, first, passkey.Make(own))).ProblemAsync(400);
        Assert.Equal((1, 0), ((await InvitationAsync(first)).Int("used"), (await InvitationAsync(second)).Int("used")));
    }

    /// <summary>Whoever saw the request whole, with the cookie, sends it again: at once, and later.</summary>
    [Fact]
    public async Task Answer_SentAgainWithItsCookie_MakesOnePersonAndCountsOneUse()
    {
        var link = await InviteAsync(uses: 10);
        using var passkey = new Authenticator(Site);
        using var browser = Browser();
        var credential = passkey.Make(await AskAsync(browser, link, "Rita"));
        var question = browser.Cookies.GetCookies(Site)["bulkqa.link-passkey"]!.Value;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await ReplayAsync()));
        Assert.Single(statuses, HttpStatusCode.OK);
        Assert.NotEqual(HttpStatusCode.OK, await ReplayAsync());
        Assert.Equal(1, (await InvitationAsync(link)).Int("used"));
        using var elsewhere = Browser();
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(elsewhere, passkey)).StatusCode);

        async Task<HttpStatusCode> ReplayAsync()
        {
            using var again = Browser();
            again.Cookies.Add(Site, new Cookie("bulkqa.link-passkey", question));
            return (await TakeAsync(again, link, credential)).StatusCode;
        }
    }

    [Fact]
    public async Task Link_UsedUpRevokedOrInvented_IsRefusedInTheSameWords()
    {
        using var passkey = new Authenticator(Site);
        var (usedUp, revoked) = (await InviteAsync(), await InviteAsync());
        using var late = Browser();
        var made = passkey.Make(await AskAsync(late, usedUp, "Late"));
        using var other = new Authenticator(Site);
        using var first = await MadeAsync(usedUp, other, "First");
        Assert.Equal(Over, (await (await TakeAsync(late, usedUp, made)).ProblemAsync(404)));
        (await Operator.Http.DeleteAsync($"/v1/invitations/{(await InvitationAsync(revoked)).String("id")}", Cancellation)).EnsureSuccessStatusCode();
        foreach (var token in (string?[])[SignedIn.SecretOf(usedUp), SignedIn.SecretOf(revoked), "invented", "", null])
            Assert.Equal(Over, (await (await late.Http.PostAsJsonAsync("/invitation/passkey/options", new { token, name = "Late", signInName = "late@example.org" }, Cancellation)).ProblemAsync(404)));
        Assert.Contains(Over, await (await late.OpenAsync(usedUp)).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_WithNamesThatAreTakenOrNone_SaysSoBeforeADeviceIsAsked()
    {
        using var passkey = new Authenticator(Site);
        var link = await InviteAsync(uses: 2);
        using var first = await MadeAsync(link, passkey, "Gina");
        using var browser = Browser();
        var words = (await (await QuestionAsync(browser, link, "Gina")).ProblemAsync(400));
        Assert.Contains("signs in with that name already", words, StringComparison.Ordinal);
        words = (await (await browser.Http.PostAsJsonAsync("/invitation/passkey/options", new { token = SignedIn.SecretOf(link) }, Cancellation)).ProblemAsync(400));
        Assert.Contains("Give your name", words, StringComparison.Ordinal);
        Assert.Contains("Give an e-mail address", words, StringComparison.Ordinal);
        // Whoever is signed in takes the invitation as who it is.
        await (await QuestionAsync(first, link, "Second")).ProblemAsync(409);
    }

    [Fact]
    public async Task Question_OnBehalfOfAnotherSitesPage_IsRefused()
    {
        var link = await InviteAsync();
        using var browser = Browser();
        browser.Http.DefaultRequestHeaders.Remove("Origin");
        browser.Http.DefaultRequestHeaders.Remove("Sec-Fetch-Site");
        browser.Http.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        await (await QuestionAsync(browser, link, "Hugo")).ProblemAsync(403);
        await (await TakeAsync(browser, link, new { })).ProblemAsync(403);
    }

    /// <summary>Without a password a passkey stands for it on the account's page, and the last one stays.</summary>
    [Fact]
    public async Task Account_WithoutAPassword_ChangesByAPasskeyAndKeepsTheLast()
    {
        using var first = new Authenticator(Site);
        using var second = new Authenticator(Site);
        using var others = new Authenticator(Site);
        using var ida = await MadeAsync(await InviteAsync(), first, "Ida");
        using var jan = await MadeAsync(await InviteAsync(), others, "Jan");
        foreach (var proof in (string?[])[null, "", "{", "{}", "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", "null"])
            await (await ida.Http.PostAsJsonAsync("/me/passkeys/options", new { proof, password = "" }, Cancellation)).ProblemAsync(400);
        Assert.Equal(HttpStatusCode.Conflict, (await ida.PostAsync("/me/passkeys/remove", ("id", IdOf(first)), ("proof", await ProofAsync(ida, first)))).StatusCode);
        // Another's passkey is no proof.
        await (await ida.Http.PostAsJsonAsync("/me/passkeys/options", new { proof = await ProofAsync(ida, others) }, Cancellation)).ProblemAsync(400);
        var options = await (await ida.Http.PostAsJsonAsync("/me/passkeys/options", new { proof = await ProofAsync(ida, first) }, Cancellation)).JsonAsync();
        await (await ida.Http.PostAsJsonAsync("/me/passkeys", new { credential = second.Make(options) }, Cancellation)).JsonAsync();
        Assert.Equal("/me?done=removed", (await ida.PostAsync("/me/passkeys/remove", ("id", IdOf(first)), ("proof", await ProofAsync(ida, second)))).Headers.Location!.OriginalString);
        Assert.Equal(1, (await DataAsync(ida)).Int("passkeys"));
        Assert.Equal(HttpStatusCode.BadRequest, (await ida.PostAsync("/me/password", ("password", SignedIn.Password))).StatusCode);
        Assert.Equal("/me?done=password", (await ida.PostAsync("/me/password", ("password", SignedIn.Password), ("proof", await ProofAsync(ida, second)))).Headers.Location!.OriginalString);
        using var elsewhere = Browser();
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.SignInAsync("ida@example.org"));
        // Now that there is a password, it is what is asked for, and the last passkey may go.
        Assert.Equal(HttpStatusCode.BadRequest, (await ida.PostAsync("/me/passkeys/remove", ("id", IdOf(second)), ("proof", await ProofAsync(ida, second)))).StatusCode);
        Assert.Equal("/me?done=removed", (await ida.PostAsync("/me/passkeys/remove", ("id", IdOf(second)), ("password", SignedIn.Password))).Headers.Location!.OriginalString);
    }

    /// <summary>A link for a new password also gives a passkey in its place: what led in before no longer does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PasswordLink_TakenByAPasskey_EndsPasswordAndSessionsOnce(bool removes)
    {
        using var old = new Authenticator(Site);
        using var fresh = new Authenticator(Site);
        var name = $"Kai-{removes}";
        using var kai = await MadeAsync(await InviteAsync(), old, name);
        await kai.PostAsync("/me/password", ("password", SignedIn.Password), ("proof", await ProofAsync(kai, old)));
        var link = (await (await Operator.Http.PostAsync($"/v1/people/{kai.PersonId}/password-link", null, Cancellation)).JsonAsync()).String("link");
        using var browser = Browser();
        var question = await browser.Http.PostAsJsonAsync("/invitation/passkey/options", new { token = SignedIn.SecretOf(link), removePasskeys = removes }, Cancellation);
        var credential = fresh.Make(await question.JsonAsync());
        // Not taken yet: all is as it was.
        Assert.Equal(HttpStatusCode.OK, (await kai.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal("/work", (await (await TakeAsync(browser, link, credential)).JsonAsync()).String("next"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await kai.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(kai.PersonId, (await browser.Http.GetJsonAsync("/v1/me")).String("person"));
        using var elsewhere = Browser();
        Assert.Equal(HttpStatusCode.BadRequest, await elsewhere.SignInAsync($"{name}@example.org"));
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(elsewhere, fresh)).StatusCode);
        Assert.Equal(removes ? HttpStatusCode.BadRequest : HttpStatusCode.OK, (await SignInAsync(elsewhere, old)).StatusCode);
        await (await TakeAsync(browser, link, credential)).ProblemAsync(404);
    }

    [Fact]
    public async Task PasswordLink_ThatResets_EndsPasskeysBeforeItIsTaken()
    {
        using var old = new Authenticator(Site);
        using var lea = await MadeAsync(await InviteAsync(), old, "Lea-reset");
        var link = (await (await Operator.Http.PostAsJsonAsync($"/v1/people/{lea.PersonId}/password-link", new { reset = true }, Cancellation)).JsonAsync()).String("link");
        Assert.Equal(HttpStatusCode.Unauthorized, (await lea.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        using var elsewhere = Browser();
        Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync(elsewhere, old)).StatusCode);
        // The device itself may be the owner's still, and make the passkey anew.
        var question = await elsewhere.Http.PostAsJsonAsync("/invitation/passkey/options", new { token = SignedIn.SecretOf(link) }, Cancellation);
        await (await TakeAsync(elsewhere, link, old.Make(await question.JsonAsync()))).JsonAsync();
        using var again = Browser();
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(again, old)).StatusCode);
    }

    private static string IdOf(Authenticator passkey) => passkey.Id;

    private static Task<HttpResponseMessage> QuestionAsync(SignedIn browser, string link, string name) =>
        browser.Http.PostAsJsonAsync("/invitation/passkey/options", new { token = SignedIn.SecretOf(link), name, signInName = $"{name.ToLowerInvariant()}@example.org" }, Cancellation);

    private static async Task<JsonElement> AskAsync(SignedIn browser, string link, string name) => await (await QuestionAsync(browser, link, name)).JsonAsync();

    private static Task<HttpResponseMessage> TakeAsync(SignedIn browser, string link, object? credential) =>
        browser.Http.PostAsJsonAsync("/invitation/passkey", new { token = SignedIn.SecretOf(link), credential }, Cancellation);

    private static async Task<string> ProofAsync(SignedIn browser, Authenticator passkey) =>
        JsonSerializer.Serialize(passkey.Answer(await (await browser.Http.PostAsync("/me/passkeys/confirm", null, Cancellation)).JsonAsync()));

    private static async Task<HttpResponseMessage> SignInAsync(SignedIn browser, Authenticator passkey) =>
        await browser.Http.PostAsJsonAsync("/sign-in/passkey", new { credential = passkey.Answer(await (await browser.Http.PostAsync("/sign-in/passkey/options", null, Cancellation)).JsonAsync()) }, Cancellation);

    private async Task<SignedIn> MadeAsync(string link, Authenticator passkey, string name)
    {
        var browser = Browser();
        await (await TakeAsync(browser, link, passkey.Make(await AskAsync(browser, link, name)))).JsonAsync();
        await browser.LookAsync();
        return browser;
    }

    private Task<string> InviteAsync(int uses = 1) => Operator.InviteAsync(new { role = "worker" }, uses);

    private async Task<JsonElement> InvitationAsync(string link)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SignedIn.SecretOf(link))))[..32];
        return (await Operator.Http.GetJsonAsync("/v1/invitations?limit=200")).GetProperty("items").EnumerateArray().Single(invitation => invitation.String("id") == id);
    }

    private Task<JsonElement> DataAsync(SignedIn person) => Operator.Http.GetJsonAsync($"/v1/people/{person.PersonId}/data");

    private SignedIn Browser()
    {
        var browser = new SignedIn(Site);
        browser.Http.DefaultRequestHeaders.Add("Origin", Site.GetLeftPart(UriPartial.Authority));
        return browser;
    }
}

using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Sessions that the service knows of: who has them, and that ended ones are worth nothing, whoever has their cookie.</summary>
public sealed class SessionTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Cookie_CopiedBeforeSigningOut_IsRefusedAfterIt()
    {
        using var ann = await WorkerAsync("Ann-copied");
        using var copy = Copy(ann);
        Assert.Equal(ann.PersonId, (await copy.Http.GetJsonAsync("/v1/me")).String("person"));
        Assert.Equal(HttpStatusCode.Redirect, (await ann.PostAsync("/sign-out")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(copy));
    }

    [Fact]
    public async Task SignIn_InABrowserThatHasASession_EndsThatOne()
    {
        using var ann = await WorkerAsync("Ann-twice");
        using var copy = Copy(ann);
        Assert.Equal(HttpStatusCode.Redirect, await ann.SignInAsync("ann-twice@example.org"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(copy));
        Assert.Equal("password", Assert.Single((await ann.Http.GetJsonAsync("/v1/me/sessions")).EnumerateArray()).String("means"));
    }

    [Fact]
    public async Task OwnSessions_ListedAndEnded_AreOverAtOnceAndThisOneGoesOn()
    {
        using var ann = await WorkerAsync("Ann-own");
        using var phone = new SignedIn(process.Address);
        phone.Http.DefaultRequestHeaders.UserAgent.ParseAdd(Firefox);
        using var library = new SignedIn(process.Address);
        foreach (var browser in (SignedIn[])[phone, library]) Assert.Equal(HttpStatusCode.Redirect, await browser.SignInAsync("ann-own@example.org"));
        var sessions = (await ann.Http.GetJsonAsync("/v1/me/sessions")).EnumerateArray().ToList();
        Assert.Equal(["password", "password", "link"], sessions.Select(session => session.String("means")));
        Assert.Equal([false, false, true], sessions.Select(session => session.GetProperty("isThis").GetBoolean()));
        Assert.Equal(("Firefox", "Windows"), (sessions[1].String("browser"), sessions[1].String("system")));
        var page = await (await ann.GetPageAsync("/me")).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Firefox on Windows", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Http.DeleteAsync($"/v1/me/sessions/{sessions[1].String("id")}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ann.Http.DeleteAsync($"/v1/me/sessions/{sessions[1].String("id")}", Cancellation)).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(phone), await StatusAsync(library), await StatusAsync(ann)));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Http.DeleteAsync("/v1/me/sessions", Cancellation)).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(library), await StatusAsync(ann)));
    }

    [Fact]
    public async Task Account_EndingSessionsByItsForms_EndsThoseAlone()
    {
        using var ann = await WorkerAsync("Ann-forms");
        using var others = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.Redirect, await others.SignInAsync("ann-forms@example.org"));
        var other = (await others.Http.GetJsonAsync("/v1/me/sessions")).EnumerateArray().Single(session => session.GetProperty("isThis").GetBoolean()).String("id");
        Assert.Equal("/me?done=ended", (await ann.PostAsync("/me/sessions/end", ("id", other))).Headers.Location!.OriginalString);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(others), await StatusAsync(ann)));
        Assert.Equal(HttpStatusCode.Redirect, await others.SignInAsync("ann-forms@example.org"));
        Assert.Equal("/me?done=others", (await ann.PostAsync("/me/sessions/end", ("others", "yes"))).Headers.Location!.OriginalString);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(others), await StatusAsync(ann)));
    }

    [Fact]
    public async Task Pages_OfWhoeverIsSignedIn_NameThemAndHaveAWayOut()
    {
        var job = await Operator.Http.CreateJobAsync();
        await Operator.Http.ImportAsync(job, "a.jpg,Dog,90");
        foreach (var path in (string[])["/jobs", $"/jobs/{job}", $"/jobs/{job}/images", "/work", $"/work/{job}", "/me/work", "/me"])
        {
            var response = await Operator.GetPageAsync(path);
            var page = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {page}");
            Assert.Contains("Olga", page, StringComparison.Ordinal);
            Assert.Contains("action=\"/sign-out\"", page, StringComparison.Ordinal);
            Assert.True(path == "/me" || page.Contains("href=\"/me\"", StringComparison.Ordinal), path);
        }
    }

    /// <summary>A lead sees and ends what is the lead's, an operator all, and nobody else anything.</summary>
    [Fact]
    public async Task SessionsOfAPerson_AreForItsLeadAndOperators()
    {
        var (dogs, cats) = ($"dogs-{Guid.NewGuid():N}"[..12], $"cats-{Guid.NewGuid():N}"[..12]);
        foreach (var team in (string[])[dogs, cats]) await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { description = "" }, Cancellation);
        using var lead = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "lead", team = dogs }), $"Leo-{dogs}");
        using var stranger = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "lead", team = cats }), $"Lea-{cats}");
        using var ann = await SignedIn.InvitedAsync(process.Address, await lead.InviteAsync(new { role = "worker", team = dogs }), $"Ann-{dogs}");
        var path = $"/v1/people/{ann.PersonId}/sessions";
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Http.GetAsync(path, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Http.DeleteAsync(path, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ann.Http.GetAsync(path, Cancellation)).StatusCode);
        var session = Assert.Single((await lead.Http.GetJsonAsync(path)).EnumerateArray());
        Assert.False(session.GetProperty("isThis").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await lead.Http.DeleteAsync($"{path}/{session.String("id")}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ann));
        Assert.Equal(HttpStatusCode.Redirect, await ann.SignInAsync($"ann-{dogs}@example.org"));
        Assert.Single((await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}/data")).Items("sessions"));
        // With a grant beyond the team it is no longer the lead's.
        await Operator.PatchAsync(ann.PersonId, new { add = (object[])[new { role = "worker", team = cats }] });
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.DeleteAsync(path, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ann));
        Assert.Equal(HttpStatusCode.NoContent, (await Operator.Http.DeleteAsync(path, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ann));
    }

    /// <summary>For an account that others may be in: nothing that leads into it is left but the link.</summary>
    [Fact]
    public async Task PasswordLink_ThatResets_LeavesTheLinkAloneAsAWayIn()
    {
        using var ann = await WorkerAsync("Ann-reset");
        var link = (await (await Operator.Http.PostAsJsonAsync($"/v1/people/{ann.PersonId}/password-link", new { reset = true }, Cancellation)).JsonAsync()).String("link");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ann));
        Assert.Equal(HttpStatusCode.BadRequest, await ann.SignInAsync("ann-reset@example.org"));
        var data = await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}/data");
        Assert.Equal((false, 0), (data.GetProperty("hasPassword").GetBoolean(), data.Items("sessions").Count()));
        Assert.Equal(HttpStatusCode.Redirect, (await ann.TakeAsync(link, "", "", "another horse battery")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ann));
    }

    /// <summary>Its cookie is looked at now and then alone. Meanwhile it must not make itself another way in, nor end the sessions that stand.</summary>
    [Fact]
    public async Task Session_EndedAndNotLookedAtYet_ChangesNothingOfItsAccount()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:CheckInterval=00:10:00");
        using var owner = await SignedIn.InvitedAsync(api.Http.BaseAddress!, await SignInProcess.FirstLinkAsync(api), "Olga");
        using var stolen = new SignedIn(api.Http.BaseAddress!);
        Assert.Equal(HttpStatusCode.Redirect, await stolen.SignInAsync("olga@example.org"));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Http.DeleteAsync("/v1/me/sessions", Cancellation)).StatusCode);
        // It may still read, for as long as the interval says.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(stolen));
        foreach (var path in (string[])["/me/language", "/me/sessions/end", "/me/sign-out-everywhere", "/me/password"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await stolen.PostAsync(path, ("language", "de"), ("current", SignedIn.Password), ("password", "another horse battery"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stolen.Http.PostAsJsonAsync("/me/passkeys/options", new { password = SignedIn.Password }, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stolen.Http.PostAsJsonAsync("/me/passkeys", new { credential = new { id = "x" }, name = "key" }, Cancellation)).StatusCode);
        Assert.NotEqual(HttpStatusCode.NoContent, (await stolen.Http.DeleteAsync("/v1/me/sessions", Cancellation)).StatusCode);
        Assert.Single((await owner.Http.GetJsonAsync("/v1/me/sessions")).EnumerateArray());
        Assert.Equal("/me?done=others", (await owner.PostAsync("/me/sessions/end", ("others", "yes"))).Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData(Firefox, "Firefox", "Windows")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36", "Chrome", "Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", "Edge", "Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", "Safari", "iOS")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36", "Chrome", "Android")]
    [InlineData("curl/8.14.1", null, null)]
    public async Task Session_OfABrowser_IsCalledByItsNameAndSystem(string userAgent, string? name, string? system)
    {
        using var ann = await WorkerAsync($"Ann-{Guid.NewGuid():N}"[..20]);
        using var browser = new SignedIn(process.Address);
        browser.Http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        var signInName = (await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}")).String("signInName");
        Assert.Equal(HttpStatusCode.Redirect, await browser.SignInAsync(signInName));
        var session = (await browser.Http.GetJsonAsync("/v1/me/sessions")).EnumerateArray().Single(one => one.GetProperty("isThis").GetBoolean());
        Assert.Equal((name, system), (session.GetProperty("browser").GetString(), session.GetProperty("system").GetString()));
    }

    private SignedIn Copy(SignedIn original)
    {
        var copy = new SignedIn(process.Address);
        foreach (Cookie cookie in original.Cookies.GetAllCookies()) copy.Cookies.Add(process.Address, new Cookie(cookie.Name, cookie.Value));
        return copy;
    }

    private static async Task<HttpStatusCode> StatusAsync(SignedIn browser) => (await browser.Http.GetAsync("/v1/me", Cancellation)).StatusCode;

    private async Task<SignedIn> WorkerAsync(string name) => await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker" }), name);
}

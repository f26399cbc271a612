using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

public sealed class SignInTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private const string Wrong = "another horse battery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task FirstOperator_ByTheLinkThatIsPrinted_MayDoEverythingAndTheLinkIsUsedUp()
    {
        var me = await Operator.Http.GetJsonAsync("/v1/me");
        Assert.Equal(("Olga", "operator"), (me.String("name"), Assert.Single(me.Items("roles")).GetString()));
        await Operator.Http.CreateJobAsync();
        Assert.Equal(HttpStatusCode.OK, (await Operator.GetPageAsync("/jobs")).StatusCode);
        using var stranger = new SignedIn(process.Address);
        var again = await stranger.TakeAsync(await SignInProcess.FirstLinkAsync(process.Process), "Eve", "eve");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task SignIn_WithNameAndPassword_BeginsASessionAndSignOutEndsIt()
    {
        using var ann = await WorkerAsync("Ann-in");
        Assert.Equal(HttpStatusCode.Redirect, (await ann.PostAsync("/sign-out")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        var page = await ann.GetPageAsync("/jobs/none");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?returnUrl=%2Fjobs%2Fnone"), (page.StatusCode, page.Headers.Location!.PathAndQuery));
        // Names are the same in any case.
        Assert.Equal(HttpStatusCode.Redirect, await ann.SignInAsync("ANN-IN@EXAMPLE.ORG"));
        Assert.Equal(ann.PersonId, (await ann.Http.GetJsonAsync("/v1/me")).String("person"));
    }

    [Fact]
    public async Task SignIn_OfNobodyAndWithAWrongPassword_SaysTheSame()
    {
        using var ann = await WorkerAsync("Ann-wrong");
        using var stranger = new SignedIn(process.Address);
        var (wrong, nobody) = (await stranger.PostAsync("/sign-in", ("name", "ann-wrong@example.org"), ("password", Wrong)), await stranger.PostAsync("/sign-in", ("name", "ann-wrong@example.org x"), ("password", Wrong)));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (wrong.StatusCode, nobody.StatusCode));
        Assert.Equal((await wrong.Content.ReadAsStringAsync(Cancellation)).Replace("ann-wrong@example.org", "", StringComparison.Ordinal), (await nobody.Content.ReadAsStringAsync(Cancellation)).Replace("ann-wrong@example.org x", "", StringComparison.Ordinal));
        foreach (var response in (HttpResponseMessage[])[wrong, nobody]) Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task SignIn_AfterTooManyWrongPasswords_RefusesTheRightOneToo()
    {
        using var ann = await WorkerAsync("Ann-locked");
        using var stranger = new SignedIn(process.Address);
        for (var attempt = 0; attempt < 10; attempt++) Assert.Equal(HttpStatusCode.BadRequest, await stranger.SignInAsync("ann-locked@example.org", Wrong));
        Assert.Equal(HttpStatusCode.BadRequest, await stranger.SignInAsync("ann-locked@example.org"));
        // Who is in stays in: a stranger can't put anybody out.
        Assert.Equal(HttpStatusCode.OK, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
    }

    /// <summary>Counted before they are looked at: however many are sent at once, no more are tried than may be.</summary>
    [Fact]
    public async Task SignIn_WithManyPasswordsAtOnce_TriesNoMoreThanMayBe()
    {
        using var ann = await WorkerAsync("Ann-flood");
        using var stranger = new SignedIn(process.Address);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => stranger.SignInAsync("ann-flood@example.org", Wrong)));
        Assert.Equal(HttpStatusCode.BadRequest, await stranger.SignInAsync("ann-flood@example.org"));
    }

    /// <summary>A process that starts again before anybody took the link prints another; both are over once there is an operator.</summary>
    [Fact]
    public async Task FirstOperator_ByASecondLink_IsRefusedOnceThereIsOne()
    {
        using var folder = new TemporaryFolder();
        string first;
        await using (var api = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Enabled=true")) first = await SignInProcess.FirstLinkAsync(api);
        await using var again = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Enabled=true");
        using var olga = await SignedIn.InvitedAsync(again.Http.BaseAddress!, await SignInProcess.FirstLinkAsync(again), "Olga");
        using var eve = new SignedIn(again.Http.BaseAddress!);
        Assert.Equal(HttpStatusCode.NotFound, (await eve.TakeAsync(first, "Eve", "eve")).StatusCode);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("Ann-weak is my name")]
    [InlineData("Password123456")]
    [InlineData("")]
    public async Task Invitation_WithAPasswordThatIsGuessed_IsRefusedAndNotUsedUp(string password)
    {
        var link = await Operator.InviteAsync(new { role = "worker" });
        using var browser = new SignedIn(process.Address);
        var refused = await browser.TakeAsync(link, "Ann-weak", $"weak-{Guid.NewGuid():N}", password);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("role=\"alert\"", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.TakeAsync(link, "Ann", $"weak-{Guid.NewGuid():N}")).StatusCode);
    }

    [Fact]
    public async Task Invitation_UsedUpRevokedOrInvented_IsTheSamePage()
    {
        var (used, revoked) = (await Operator.InviteAsync(new { role = "worker" }), await Operator.InviteAsync(new { role = "worker" }));
        using var ann = await SignedIn.InvitedAsync(process.Address, used, "Ann-used");
        var id = (await Operator.Http.GetJsonAsync("/v1/invitations")).Items().First(invitation => invitation.String("state") == "open").String("id");
        Assert.Equal(HttpStatusCode.NoContent, (await Operator.Http.DeleteAsync($"/v1/invitations/{id}", Cancellation)).StatusCode);
        using var stranger = new SignedIn(process.Address);
        var pages = new List<string>();
        foreach (var link in (string[])[used, revoked, $"{process.Address}invitation#{new string('x', 43)}"])
        {
            var (shown, taken) = (await stranger.OpenAsync(link), await stranger.TakeAsync(link, "Eve", "eve"));
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (shown.StatusCode, taken.StatusCode));
            pages.Add(await taken.Content.ReadAsStringAsync(Cancellation));
        }
        Assert.Single(pages.Distinct());
    }

    /// <summary>What browsers send of a link, and what logs and traces on the way have of it, is the same for all. One with the secret in its path is still opened.</summary>
    [Fact]
    public async Task Invitation_ByItsLink_SendsNoSecretInTheRequestLine()
    {
        var link = new Uri(await Operator.InviteAsync(new { role = "worker" }));
        Assert.Equal("/invitation", link.PathAndQuery);
        Assert.Equal(43, link.Fragment[1..].Length);
        using var stranger = new SignedIn(process.Address);
        Assert.Contains("Paste the whole link", await (await stranger.GetPageAsync("/invitation")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        foreach (var pasted in (string[])[link.AbsoluteUri, $" {link.Fragment} ", link.Fragment[1..]])
            Assert.Contains("You are invited", await (await stranger.PostAsync("/invitation", ("token", pasted))).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var before = await stranger.GetPageAsync($"/invitation/{link.Fragment[1..]}");
        Assert.Contains("You are invited", await before.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(link.Fragment[1..], process.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>The link opens nothing once more, though a form was sent twice at once.</summary>
    [Fact]
    public async Task Invitation_TakenByTwoAtOnce_MakesOnePerson()
    {
        var link = await Operator.InviteAsync(new { role = "worker" });
        var taken = await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
        {
            using var browser = new SignedIn(process.Address);
            return (await browser.TakeAsync(link, "Twin", $"twin-{number}-{Guid.NewGuid():N}")).StatusCode;
        }));
        Assert.Single(taken, status => status == HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task PasswordLink_SetsAPasswordOnceAndEndsOtherSessions()
    {
        using var ann = await WorkerAsync("Ann-new");
        var link = (await (await Operator.Http.PostAsync($"/v1/people/{ann.PersonId}/password-link", null, Cancellation)).JsonAsync()).String("link");
        using var elsewhere = new SignedIn(process.Address);
        Assert.Contains("A new password for Ann-new", await (await elsewhere.OpenAsync(link)).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var second = (await (await Operator.Http.PostAsync($"/v1/people/{ann.PersonId}/password-link", null, Cancellation)).JsonAsync()).String("link");
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.TakeAsync(link, "", "", Wrong)).StatusCode);
        // Another link of before is over with the password of before.
        Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.TakeAsync(second, "", "")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await ann.SignInAsync("ann-new@example.org"));
        Assert.Equal(HttpStatusCode.Redirect, await ann.SignInAsync("ann-new@example.org", Wrong));
        Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.TakeAsync(link, "", "")).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/sign-in?returnUrl=/")]
    public async Task SignIn_WithAReturnUrlThatIsNotOurs_GoesToWork(string returnUrl)
    {
        using var ann = await WorkerAsync($"Ann-{Guid.NewGuid():N}"[..20]);
        await ann.PostAsync("/sign-out");
        var name = (await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}")).String("signInName");
        var response = await ann.PostAsync("/sign-in", ("name", name), ("password", SignedIn.Password), ("returnUrl", returnUrl));
        Assert.Equal("/work", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Session_Cookie_IsOutOfReachOfScriptsAndOtherSites()
    {
        var link = await Operator.InviteAsync(new { role = "worker" });
        using var browser = new SignedIn(process.Address);
        var cookie = Assert.Single((await browser.TakeAsync(link, "Ann", $"cookie-{Guid.NewGuid():N}")).Headers.GetValues("Set-Cookie"), text => text.StartsWith("bulkqa.session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/;", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("suspend")]
    [InlineData("erase")]
    public async Task Session_OfSomebodySuspendedOrErased_IsOver(string how)
    {
        using var ann = await WorkerAsync($"Ann-{how}");
        if (how == "erase") Assert.Equal(HttpStatusCode.NoContent, (await Operator.Http.DeleteAsync($"/v1/people/{ann.PersonId}", Cancellation)).StatusCode);
        else await Operator.PatchAsync(ann.PersonId, new { state = "suspended" });
        Assert.Equal(HttpStatusCode.Unauthorized, (await ann.Http.GetAsync("/v1/me", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await ann.SignInAsync($"ann-{how}@example.org"));
        if (how == "erase")
        {
            Assert.Equal(("erased", ""), ((await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}")).String("state"), (await Operator.Http.GetJsonAsync($"/v1/people/{ann.PersonId}")).String("name")));
            return;
        }
        await Operator.PatchAsync(ann.PersonId, new { state = "active" });
        Assert.Equal(HttpStatusCode.Redirect, await ann.SignInAsync("ann-suspend@example.org"));
    }

    /// <summary>A session survives its process: the keys that seal it are kept.</summary>
    [Fact]
    public async Task Session_AfterARestart_GoesOn()
    {
        using var folder = new TemporaryFolder();
        string[] settings = ["--BulkQA:SignIn:Enabled=true"];
        CookieContainer cookies;
        await using (var first = await ApiProcess.StartAsync(folder.Path, settings))
        {
            using var browser = await SignedIn.InvitedAsync(first.Http.BaseAddress!, await SignInProcess.FirstLinkAsync(first), "Olga");
            cookies = browser.Cookies;
        }
        await using var second = await ApiProcess.StartAsync(folder.Path, settings);
        using var again = new SignedIn(second.Http.BaseAddress!);
        foreach (Cookie cookie in cookies.GetAllCookies()) again.Cookies.Add(second.Http.BaseAddress!, new Cookie(cookie.Name, cookie.Value));
        Assert.Equal("Olga", (await again.Http.GetJsonAsync("/v1/me")).String("name"));
        // There is an operator: no link for another is printed.
        Assert.DoesNotContain("no operator yet", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_TooOftenFromOneAddress_Is429()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:AttemptsPerMinute=3");
        using var stranger = new SignedIn(api.Http.BaseAddress!);
        var answers = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 5; attempt++) answers.Add(await stranger.SignInAsync("ann", Wrong));
        Assert.Equal(3, answers.Count(status => status == HttpStatusCode.BadRequest));
        Assert.Equal(2, answers.Count(status => status == HttpStatusCode.TooManyRequests));
        // All ways in share it.
        foreach (var path in (string[])["/invitation", "/invitation/take"]) Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.PostAsync(path, ("token", "x"))).StatusCode);
        foreach (var path in (string[])["/sign-in/passkey", "/sign-in/passkey/options", "/invitation/passkey", "/invitation/passkey/options"])
            Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.Http.PostAsJsonAsync(path, new { }, Cancellation)).StatusCode);
    }

    private async Task<SignedIn> WorkerAsync(string name) => await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker" }), name);
}

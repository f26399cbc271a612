using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BulkQA.Api.Tests;

/// <summary>In what language pages are, and that they are in it from top to bottom.</summary>
public sealed partial class LanguageTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    /// <summary>Parts of our texts that are words of another of the languages, too.</summary>
    private static readonly string[] _alike = ["Passkey", "team", "Start", "Name", "bytes", "images"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    /// <summary>What browsers ask for, the language of ours that it is, what HTML calls that, and how it is written.</summary>
    public static TheoryData<string, string, string, string> Languages => new(
        ("de-DE,de;q=0.9", "de", "de", "ltr"), ("es-MX", "es", "es", "ltr"), ("fr-FR", "fr", "fr", "ltr"), ("pt-BR", "pt", "pt-BR", "ltr"), ("ru", "ru", "ru", "ltr"), ("ar-EG,ar;q=0.9", "ar", "ar", "rtl"),
        ("ur-PK", "ur", "ur", "rtl"), ("hi-IN", "hi", "hi", "ltr"), ("bn", "bn", "bn", "ltr"), ("zh-CN,zh;q=0.9", "zh", "zh-Hans", "ltr"), ("zh-TW", "zh", "zh-Hans", "ltr"));

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Pages_ForABrowserThatAsksForALanguage_HaveNoEnglishWordsOfOurs(string asked, string code, string tag, string direction)
    {
        var name = $"Anna-{asked.Split(',')[0]}";
        var job = await Operator.Http.CreateJobAsync();
        await Operator.Http.ImportAsync(job, "a.jpg,Hund,90");
        // For those who answer a first batch of gold, of which there is none.
        var qualifying = await Operator.Http.CreateJobAsync(new { qualification = new { passMark = 80 } });
        await Operator.Http.ImportAsync(qualifying, "a.jpg,Hund,90");
        var experienced = await Operator.Http.CreateJobAsync(new { assignment = new { minExperience = 5 } });
        var (link, other) = (await Operator.InviteAsync(new { role = "worker" }), await Operator.InviteAsync(new { role = "lead", team = await TeamAsync() }));
        using var anna = new SignedIn(process.Address);
        anna.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd($"{asked},en;q=0.8");
        var pages = new List<HttpResponseMessage> { await anna.GetPageAsync("/sign-in"), await anna.GetPageAsync("/invitation"), await anna.OpenAsync(link), await anna.OpenAsync(link + "x") };
        pages.Add(await anna.PostAsync("/sign-in", ("name", "anna"), ("password", "falsch")));
        foreach (var password in (string[])["kurz", "Password123456", $"{name} 123 gelb"]) pages.Add(await anna.TakeAsync(link, name, "a b", password));
        Assert.Equal(HttpStatusCode.Redirect, (await anna.TakeAsync(link, name, name.ToLowerInvariant())).StatusCode);
        foreach (var path in (string[])["/work", $"/work/{job}", $"/work/{qualifying}", $"/work/{experienced}", "/me", "/me?done=others"]) pages.Add(await anna.GetPageAsync(path));
        pages.Add(await anna.OpenAsync(other));
        pages.Add(await anna.PostAsync("/me/password", ("current", "falsch"), ("password", SignedIn.Password)));
        await anna.PostAsync("/sign-out");
        pages.Add(await anna.GetPageAsync("/signed-out"));
        var english = English(code).ToList();
        foreach (var page in pages)
        {
            var html = await page.Content.ReadAsStringAsync(Cancellation);
            Assert.Contains($"<html lang=\"{tag}\" dir=\"{direction}\">", html, StringComparison.Ordinal);
            var text = Visible(html);
            Assert.All(english, words => Assert.False(Regex.IsMatch(text, $@"\b{Regex.Escape(words)}\b"), $"'{words}' is on {page.RequestMessage!.RequestUri}: {text}"));
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Language_ChosenOnTheAccountPage_IsThatOfThePage(string asked, string code, string tag, string direction)
    {
        Assert.StartsWith(code, asked, StringComparison.Ordinal);
        using var ann = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker" }), $"Ann-chose-{asked.Split(',')[0]}");
        var before = await PageAsync(ann);
        Assert.Contains("<html lang=\"en\" dir=\"ltr\">", before, StringComparison.Ordinal);
        Assert.Contains($"<option value=\"{code}\" lang=\"{tag}\" dir=\"{direction}\"", before, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await ann.PostAsync("/me/language", ("language", code))).StatusCode);
        var after = await PageAsync(ann);
        Assert.Contains($"<html lang=\"{tag}\" dir=\"{direction}\">", after, StringComparison.Ordinal);
        Assert.Contains($"<option value=\"{code}\" lang=\"{tag}\" dir=\"{direction}\" selected", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Language_ChosenByAPerson_ComesBeforeTheBrowsersAndStays()
    {
        using var ann = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker" }), "Ann-language");
        Assert.Contains("<html lang=\"en\"", await PageAsync(ann), StringComparison.Ordinal);
        Assert.Equal("/me", (await ann.PostAsync("/me/language", ("language", "de"))).Headers.Location!.OriginalString);
        Assert.Contains("<html lang=\"de\"", await PageAsync(ann), StringComparison.Ordinal);
        await ann.PostAsync("/sign-out");
        using var elsewhere = new SignedIn(process.Address);
        elsewhere.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.SignInAsync("ann-language@example.org"));
        Assert.Contains("<html lang=\"de\"", await PageAsync(elsewhere), StringComparison.Ordinal);
        // What is none of ours is what the browser asks for.
        await elsewhere.PostAsync("/me/language", ("language", "xx"));
        Assert.Contains("<html lang=\"en\"", await PageAsync(elsewhere), StringComparison.Ordinal);
        // REST is the same in any language.
        elsewhere.Http.DefaultRequestHeaders.AcceptLanguage.Clear();
        elsewhere.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        Assert.Contains("There is no session", await (await elsewhere.Http.DeleteAsync("/v1/me/sessions/none", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync(SignedIn browser) => await (await browser.GetPageAsync("/me")).Content.ReadAsStringAsync(Cancellation);

    private async Task<string> TeamAsync()
    {
        var team = $"t-{Guid.NewGuid():N}"[..12];
        await Operator.Http.PutAsync($"/v1/teams/{team}", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Cancellation);
        return team;
    }

    /// <summary>Our English texts, cut where values stand in them, without words that are the other language's, too.</summary>
    private static IEnumerable<string> English(string code) => XDocument.Load(Path.Combine(ApiProcess.RepositoryRoot, "src", "Api", "Languages", $"Words.{code}.resx")).Root!.Elements("data")
        .Where(data => data.Attribute("name")!.Value != data.Element("value")!.Value)
        .SelectMany(data => Regex.Split(data.Attribute("name")!.Value, @"^js:|[(]?\{\d\}[)]?|[.,:?!]")).Select(part => part.Trim()).Where(part => part.Length > 3 && !_alike.Contains(part)).Distinct();

    /// <summary>What is read or read out.</summary>
    private static string Visible(string html) => WebUtility.HtmlDecode(string.Join(' ', Between.Matches(Hidden.Replace(html, " ")).Select(match => match.Groups[1].Value + match.Groups[2].Value)));

    [GeneratedRegex("""<style>.*?</style>|<meta [^>]*>|<option [^>]*>.*?</option>""", RegexOptions.Singleline)]
    private static partial Regex Hidden { get; }

    [GeneratedRegex("""(?:aria-label|title|placeholder|alt)="([^"]*)"|>([^<]+)<""")]
    private static partial Regex Between { get; }
}

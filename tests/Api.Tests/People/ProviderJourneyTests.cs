using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>
/// From an empty deployment to a job that a team has answered, where an identity provider alone says who people are and groups what they may: three
/// people answer on wide and narrow screens, a fourth loses the group, and is out.
/// </summary>
public sealed class ProviderJourneyTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Team_OfGroupsOfTheProvider_AnswersAJobAndOneLosesAccess()
    {
        using var folder = new TemporaryFolder();
        await using var provider = await OidcServer.StartAsync();
        (string Name, string Value)[] settings =
        [
            ("Authority", provider.Url), ("ClientId", OidcServer.ClientId), ("ClientSecret", OidcServer.Secret), ("Scopes", "profile email groups"),
            ("RolesByGroup:qa-operators", "operator"), ("RolesByGroup:qa-leads", "lead"), ("TeamsByGroup:qa-dogs", "dogs"),
        ];
        await using var api = await ApiProcess.StartAsync(folder.Path, ["--BulkQA:SignIn:CheckInterval=00:00:01", .. settings.Select(setting => $"--BulkQA:SignIn:Oidc:{setting.Name}={setting.Value}")]);
        // Another site than the provider.
        var address = $"http://localhost:{api.Http.BaseAddress!.Port}";
        await provider.RegisterAsync(address);

        var @operator = await SignInAsync(address, "olga", "/jobs", 1_200);
        await Assertions.Expect(@operator.GetByText("No job yet")).ToBeVisibleAsync();
        await Assertions.Expect(@operator.GetByRole(AriaRole.Link, new() { Name = "Olga" })).ToBeVisibleAsync();
        var job = await WorkforceSteps.CreateJobAsync(await SignInAsync(address, "leo", "/jobs", 1_200), folder.Path);
        var people = new List<IPage>();
        foreach (var (login, width) in ((string, int)[])[("dora", 1_200), ("emil", 390), ("fay", 390), ("gus", 1_200)])
        {
            people.Add(await SignInAsync(address, login, "/work", width));
            await WorkforceSteps.SeesTheJobAsync(people[^1]);
        }
        foreach (var page in people.Take(3)) await WorkforceSteps.AnswerAllAsync(page, "provider-batch");

        // Gone at the provider, and signed out here: at once, and not when the session would have ended.
        await provider.ChangeGroupsAsync("gus", "everybody");
        var gus = await WorkforceSteps.LoseAccessAsync(people[3], job, async person => Assert.Equal(204, await WorkforceSteps.SendAsync(@operator, "DELETE", $"/v1/people/{person}/sessions", null)), 401);
        await people[3].GotoAsync($"{address}/sign-in/oidc?returnUrl=/work");
        await Assertions.Expect(people[3].GetByRole(AriaRole.Heading, new() { Name = "You can't sign in" })).ToBeVisibleAsync();
        await WorkforceSteps.HasAnswersOfAsync(@operator, job, 3, gus);
        await ChoosesGermanAsync(people[1], address);
    }

    /// <summary>On the narrow screen, at night: from there on all that the person reads is in it.</summary>
    private static async Task ChoosesGermanAsync(IPage page, string address)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.GotoAsync($"{address}/me");
        await page.SelectOptionAsync("#language", "de");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sitzungen" })).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page of the account is wider than the screen");
        await Browser.ScreenshotAsync(page, "me-german-dark-390");
        await page.GotoAsync($"{address}/work");
        await Assertions.Expect(page.GetByText("2 von 3 von Ihnen beantwortet")).ToBeVisibleAsync();
        await Browser.ScreenshotAsync(page, "portal-german-dark-390");
    }

    private async Task<IPage> SignInAsync(string address, string login, string returnUrl, int width)
    {
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 800);
        await page.GotoAsync($"{address}{returnUrl}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your organisation" }).ClickAsync();
        await page.FillAsync("[name=login]", login);
        await page.FillAsync("[name=password]", "right");
        await page.ClickAsync("text=Sign in");
        await Assertions.Expect(page).ToHaveURLAsync($"{address}{returnUrl}");
        return page;
    }
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>
/// From an empty deployment to a job that a team has answered, in browsers: the operator signs in, invites a lead, who invites a team by one link; three
/// people answer on wide and narrow screens as much as each may; one is taken out of the team and is out.
/// </summary>
public sealed class WorkforceJourneyTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Team_FromAnEmptyDeployment_AnswersAJobAndOneLosesAccess()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:CheckInterval=00:00:01");
        var address = api.Http.BaseAddress!;
        var @operator = await browser.OpenAsync();
        await TakeAsync(@operator, await SignInProcess.FirstLinkAsync(api), "Olga", "olga@example.org", "invitation");
        await Assertions.Expect(@operator.GetByText("No job yet")).ToBeVisibleAsync();

        // By REST from the operator's own page, as a console would.
        Assert.Equal(201, await WorkforceSteps.SendAsync(@operator, "PUT", "/v1/teams/dogs", new { description = "those who know dogs" }));
        var lead = await browser.OpenAsync();
        await TakeAsync(lead, await InviteAsync(@operator, "lead", 1), "Leo", "leo@example.org", null);
        var job = await WorkforceSteps.CreateJobAsync(lead, folder.Path);

        var link = await InviteAsync(lead, "worker", 3);
        var people = new List<IPage>();
        foreach (var (name, width) in ((string, int)[])[("Ann", 1_200), ("Bob", 390), ("Cat", 1_200)])
        {
            var page = await browser.OpenAsync();
            await page.SetViewportSizeAsync(width, 800);
            await TakeAsync(page, link, name, $"{name}@example.org", null);
            await WorkforceSteps.SeesTheJobAsync(page);
            await Browser.ScreenshotAsync(page, $"portal-{width}");
            people.Add(page);
        }
        // A fourth is too many for the link.
        var late = await browser.OpenAsync();
        await late.GotoAsync(link);
        await Assertions.Expect(late.GetByText("This link is not valid")).ToBeVisibleAsync();

        foreach (var page in people.Take(2)) await WorkforceSteps.AnswerAllAsync(page, "portal-batch");

        // Cat holds a batch, and is taken out of the team.
        var cat = await WorkforceSteps.LoseAccessAsync(
            people[2], job, async person => Assert.Equal(200, await WorkforceSteps.SendAsync(lead, "PATCH", $"/v1/people/{person}", new { remove = (object[])[new { role = "worker", team = "dogs" }] })), 403);
        await people[2].GotoAsync($"{address}work");
        await Assertions.Expect(people[2].GetByText("There is no open job for you now")).ToBeVisibleAsync();

        await WorkforceSteps.HasAnswersOfAsync(lead, job, 2, cat);
        await people[0].GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(people[0].GetByText("You are signed out")).ToBeVisibleAsync();
        await people[0].GotoAsync($"{address}work");
        await Assertions.Expect(people[0].GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Browser.ScreenshotAsync(people[0], "sign-in");
        await people[0].FillAsync("input[name=name]", "ann@example.org");
        await people[0].FillAsync("input[name=password]", SignedIn.Password);
        await people[0].GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(people[0].GetByText("2 of 3 answered by you")).ToBeVisibleAsync();
    }

    private static async Task TakeAsync(IPage page, string link, string name, string signInName, string? screenshot)
    {
        await page.GotoAsync(link);
        await page.FillAsync("input[name=name]", name);
        await page.FillAsync("input[name=signInName]", signInName);
        await page.FillAsync("input[name=password]", SignedIn.Password);
        if (screenshot is not null) await Browser.ScreenshotAsync(page, screenshot);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the account" }).ClickAsync();
        await Assertions.Expect(page.Locator("input[name=password]")).ToHaveCountAsync(0);
    }

    private static Task<string> InviteAsync(IPage page, string role, int uses) => page.EvaluateAsync<string>(
        "body => fetch('/v1/invitations', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(answer => answer.json()).then(made => made.link)",
        new { grants = (object[])[new { role, team = "dogs" }], uses });
}

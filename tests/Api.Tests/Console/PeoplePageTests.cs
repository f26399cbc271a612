using System.Globalization;
using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>The console's pages about people, in a browser, where people sign in.</summary>
public sealed class PeoplePageTests(SignInProcess process, Browser browser) : IClassFixture<SignInProcess>, IClassFixture<Browser>
{
    [Theory]
    [InlineData(1_440, false)]
    [InlineData(1_024, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task People_OnEachScreen_AreReadable(int width, bool isDark)
    {
        await MakeTeamAsync("cats");
        var page = await SignedInAsync(width, isDark);
        foreach (var (path, until) in ((string, string)[])[("people", "table >> text=Olga"), ("people?view=teams", "table >> text=cats"), ("people?view=invitations", "text=Make the link"), ("records", "text=Choose a team or a job"), ($"people/{process.Operator.PersonId}", "text=Password link")])
        {
            await page.GotoAsync(new Uri(process.Address, $"/console/{path}").ToString());
            await page.WaitForSelectorAsync(until);
            await page.AssertGoodAsync(string.Create(CultureInfo.InvariantCulture, $"console-{path.Split('?')[^1].Split('/')[0].Replace("view=", "", StringComparison.Ordinal)}-{width}-{(isDark ? "dark" : "light")}{(path.Contains('/', StringComparison.Ordinal) ? "-one" : "")}"));
        }
    }

    [Fact]
    public async Task Invitation_MadeInTheConsole_MakesWhoeverTakesItAWorkerOfTheTeamUntilSuspended()
    {
        await MakeTeamAsync("dogs");
        var page = await SignedInAsync(1_440, false);
        await page.GotoAsync(new Uri(process.Address, "/console/people?view=invitations").ToString());
        await page.GetByLabel("Team").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "dogs" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var field = page.GetByRole(AriaRole.Region, new() { Name = "The invitation" }).GetByLabel("Link");
        await Expect(field).ToHaveValueAsync(new System.Text.RegularExpressions.Regex($"^{System.Text.RegularExpressions.Regex.Escape(process.Address.ToString())}invitation#"));
        await page.AssertGoodAsync("console-invitation");

        using var worker = await SignedIn.InvitedAsync(process.Address, await field.InputValueAsync(), "Wanda");
        await page.GotoAsync(new Uri(process.Address, "/console/people?team=dogs").ToString());
        await Expect(page.Locator("tr", new() { HasText = "Wanda" })).ToContainTextAsync("worker of team dogs");
        await page.GetByRole(AriaRole.Link, new() { Name = "Wanda" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspend" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Suspend" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Let in again" })).ToBeVisibleAsync();
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await worker.Http.GetAsync("/v1/work", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Person_AddedWithoutAnInvitation_IsLinkedToAWorkerIdAndBack()
    {
        await MakeTeamAsync("birds");
        var page = await SignedInAsync(1_440, false);
        await page.GotoAsync(new Uri(process.Address, "/console/people").ToString());
        await page.GetByText("Add somebody without an invitation").ClickAsync();
        var form = page.Locator("details[open]");
        await form.GetByLabel("Name", new() { Exact = true }).FillAsync("Berta");
        await form.GetByLabel("Signs in as").FillAsync("berta@example.org");
        await form.GetByLabel("Team").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "birds" }).ClickAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.GetByText("worker of team birds")).ToBeVisibleAsync();
        await page.GetByLabel("Worker id").FillAsync("private.eu-1.abc");
        await page.GetByRole(AriaRole.Button, new() { Name = "Link", Exact = true }).ClickAsync();
        await Expect(page.GetByText("and arrive under private.eu-1.abc")).ToBeVisibleAsync();
        await page.AssertGoodAsync("console-person-worker-id");
        await page.GetByRole(AriaRole.Button, new() { Name = "Unlink: private.eu-1.abc" }).ClickAsync();
        await Expect(page.GetByText("and arrive under")).ToHaveCountAsync(0);
    }

    private async Task MakeTeamAsync(string team) => await (await process.Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { description = $"those who know {team}" }, TestContext.Current.CancellationToken)).JsonAsync();

    private async Task<IPage> SignedInAsync(int width, bool isDark)
    {
        var page = await browser.OpenAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync(new Uri(process.Address, "/sign-in").ToString());
        await page.FillAsync("input[name=name]", "olga@example.org");
        await page.FillAsync("input[name=password]", SignedIn.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
        return page;
    }
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>
/// From an empty deployment to a job that a team has answered, in browsers: the operator signs in, invites a lead, who invites a team by one link; three
/// people answer on wide and narrow screens; one is taken out of the team and is out.
/// </summary>
public sealed class WorkforceJourneyTests(Browser browser) : IClassFixture<Browser>
{
    private const int Batches = 2;

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
        Assert.Equal(201, await SendAsync(@operator, "PUT", "/v1/teams/dogs", new { description = "those who know dogs" }));
        var lead = await browser.OpenAsync();
        await TakeAsync(lead, await InviteAsync(@operator, "lead", 1), "Leo", "leo@example.org", null);
        var job = $"march-{Guid.NewGuid():N}"[..20];
        Assert.Equal(201, await SendAsync(lead, "POST", "/v1/jobs", new { name = job, batchSize = 2, assignment = new { teams = (string[])["dogs"], deadline = "2026-12-24T18:00:00Z" } }));
        for (var number = 0; number < 2 * Batches; number++) await WorkerJobs.WritePictureAsync(folder.Path, $"team.dogs/{job}/{number}.png", number);
        Assert.Equal(200, await SendAsync(lead, "POST", $"/v1/jobs/{job}/items", string.Join('\n', Enumerable.Range(0, 2 * Batches).Select(number => $"{number}.png,Dog,{90 + number}")), "text/csv"));

        var link = await InviteAsync(lead, "worker", 3);
        var people = new List<IPage>();
        foreach (var (name, width) in ((string, int)[])[("Ann", 1_200), ("Bob", 390), ("Cat", 1_200)])
        {
            var page = await browser.OpenAsync();
            await page.SetViewportSizeAsync(width, 800);
            await TakeAsync(page, link, name, $"{name}@example.org", null);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your jobs" })).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByText("0 of 2 answered by you")).ToBeVisibleAsync();
            await Browser.ScreenshotAsync(page, $"portal-{width}");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"the portal is wider than {width} pixels");
            people.Add(page);
        }
        // A fourth is too many for the link.
        var late = await browser.OpenAsync();
        await late.GotoAsync(link);
        await Assertions.Expect(late.GetByText("This link is not valid")).ToBeVisibleAsync();

        foreach (var page in people.Take(2))
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Next batch" }).ClickAsync();
            for (var batch = 1; batch <= Batches; batch++)
            {
                await Assertions.Expect(page.GetByText($"batch {batch} of {Batches}", new() { Exact = true })).ToBeVisibleAsync();
                await page.ShownAsync();
                if (batch == 1) await Browser.ScreenshotAsync(page, $"portal-batch-{page.ViewportSize!.Width}");
                await page.Locator("button.submit").ClickAsync();
            }
            await Assertions.Expect(page.GetByText("2 of 2 answered by you")).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByText("You have answered all that there is for now")).ToBeVisibleAsync();
        }

        // Cat holds a batch, and is taken out of the team.
        await people[2].GetByRole(AriaRole.Link, new() { Name = "Next batch" }).ClickAsync();
        await people[2].ShownAsync();
        var cat = await people[2].EvaluateAsync<string>("fetch('/v1/me').then(answer => answer.json()).then(me => me.person)");
        Assert.Equal(200, await SendAsync(lead, "PATCH", $"/v1/people/{cat}", new { remove = (object[])[new { role = "worker", team = "dogs" }] }));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await SendAsync(people[2], "GET", $"/v1/jobs/{job}/tasks/next", null) != 403) limit.Token.ThrowIfCancellationRequested();
        await people[2].Locator("button.submit").ClickAsync();
        await Assertions.Expect(people[2].GetByText("Not saved")).ToBeVisibleAsync();
        await people[2].GotoAsync($"{address}work");
        await Assertions.Expect(people[2].GetByText("There is no open job for you now")).ToBeVisibleAsync();

        // What the two have answered is there, and nothing of the third.
        var workers = await lead.EvaluateAsync<string[]>($"fetch('/v1/jobs/{job}/workers').then(answer => answer.json()).then(page => page.items.map(worker => worker.workerId))");
        Assert.Equal(2, workers.Length);
        Assert.DoesNotContain(cat, workers);
        await people[0].GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(people[0].GetByText("You are signed out")).ToBeVisibleAsync();
        await people[0].GotoAsync($"{address}work");
        await Assertions.Expect(people[0].GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Browser.ScreenshotAsync(people[0], "sign-in");
        await people[0].FillAsync("input[name=name]", "ann@example.org");
        await people[0].FillAsync("input[name=password]", SignedIn.Password);
        await people[0].GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(people[0].GetByText("2 of 2 answered by you")).ToBeVisibleAsync();
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

    /// <summary>A request that the page makes with its session; its status.</summary>
    private static Task<int> SendAsync(IPage page, string method, string path, object? body, string type = "application/json") => page.EvaluateAsync<int>(
        "([method, path, body, type]) => fetch(path, { method, headers: body === null ? {} : { 'content-type': type }, body: body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body) }).then(answer => answer.status)",
        (object?[])[method, path, body, type]);
}

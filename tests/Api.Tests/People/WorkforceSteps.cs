using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>What a team does in browsers, however its people came to sign in: a job for it, batches that are answered, and one who is out.</summary>
internal static class WorkforceSteps
{
    /// <summary>Batches of the job, and how many of them one worker may answer.</summary>
    private const int Batches = 3, Most = 2;

    /// <summary>By REST from the lead's own page, as a console would: a job of the team "dogs" with three batches of two pictures, each for up to four, of whom each answers two at most.</summary>
    public static async Task<string> CreateJobAsync(IPage lead, string dataDirectory)
    {
        var job = $"march-{Guid.NewGuid():N}"[..20];
        Assert.Equal(201, await SendAsync(lead, "POST", "/v1/jobs", new { name = job, batchSize = 2, workersPerTask = 4, assignment = new { teams = (string[])["dogs"], maxTasksPerWorker = Most, deadline = "2026-12-24T18:00:00Z" } }));
        for (var number = 0; number < 2 * Batches; number++) await WorkerJobs.WritePictureAsync(dataDirectory, $"team.dogs/{job}/{number}.png", number);
        Assert.Equal(200, await SendAsync(lead, "POST", $"/v1/jobs/{job}/items", string.Join('\n', Enumerable.Range(0, 2 * Batches).Select(number => $"{number}.png,Dog,{90 + number}")), "text/csv"));
        return job;
    }

    /// <summary>The page has the portal with the job that nobody has answered.</summary>
    public static async Task SeesTheJobAsync(IPage page)
    {
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your jobs" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText($"0 of {Batches} answered by you")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"the portal is wider than {page.ViewportSize!.Width} pixels");
    }

    /// <summary>As many as one worker may, and no more.</summary>
    public static async Task AnswerAllAsync(IPage page, string screenshot)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Next batch" }).ClickAsync();
        for (var batch = 1; batch <= Most; batch++)
        {
            await Assertions.Expect(page.GetByText($"batch {batch} of {Batches}", new() { Exact = true })).ToBeVisibleAsync();
            await page.ShownAsync();
            if (batch == 1) await Browser.ScreenshotAsync(page, $"{screenshot}-{page.ViewportSize!.Width}");
            await page.Locator("button.submit").ClickAsync();
        }
        await Assertions.Expect(page.GetByText($"and one worker answers {Most} at most")).ToBeVisibleAsync();
        await Browser.ScreenshotAsync(page, $"{screenshot}-limit-{page.ViewportSize!.Width}");
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = "Next batch" }).CountAsync());
    }

    /// <summary>Takes a batch, and is out while it has it: what is sent then is not saved.</summary>
    /// <param name="page">Of whoever loses access.</param>
    /// <param name="job">The job.</param>
    /// <param name="takeAway">What takes access away, given whose it is.</param>
    /// <param name="status">What requests are answered with then, at the latest after a minute.</param>
    /// <returns>Who it is.</returns>
    public static async Task<string> LoseAccessAsync(IPage page, string job, Func<string, Task> takeAway, int status)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Next batch" }).ClickAsync();
        await page.ShownAsync();
        var person = await page.EvaluateAsync<string>("fetch('/v1/me').then(answer => answer.json()).then(me => me.person)");
        await takeAway(person);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await SendAsync(page, "GET", $"/v1/jobs/{job}/tasks/next", null) != status) await timer.WaitForNextTickAsync(limit.Token);
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Not saved")).ToBeVisibleAsync();
        return person;
    }

    /// <summary>What the others have answered is there, and nothing of the one who is out.</summary>
    public static async Task HasAnswersOfAsync(IPage lead, string job, int people, string not)
    {
        var workers = await lead.EvaluateAsync<string[]>($"fetch('/v1/jobs/{job}/workers').then(answer => answer.json()).then(page => page.items.map(worker => worker.workerId))");
        Assert.Equal(people, workers.Length);
        Assert.DoesNotContain(not, workers);
    }

    /// <summary>A request that the page makes with its session; its status.</summary>
    public static Task<int> SendAsync(IPage page, string method, string path, object? body, string type = "application/json") => page.EvaluateAsync<int>(
        "([method, path, body, type]) => fetch(path, { method, headers: body === null ? {} : { 'content-type': type }, body: body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body) }).then(answer => answer.status)",
        (object?[])[method, path, body, type]);
}

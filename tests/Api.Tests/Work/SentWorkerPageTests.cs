using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>What becomes of a batch after it was submitted: it can be taken back for a while, and is kept on the device until the service has it.</summary>
public sealed class SentWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Annotations = "**/annotations";

    [Fact]
    public async Task Undo_RightAfterABatch_ShowsItAsItWasAnswered_AndTheNewAnswerCounts()
    {
        var job = await WorkerJobs.CreateAsync(api, 20, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await page.Locator("crowd-card").Nth(3).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 12, disconfirmed: 1);
        await Browser.ScreenshotAsync(page, "work-undo");
        // By the keyboard: the key is the button's, and submits nothing.
        await page.ShownAsync();
        await page.Locator("button.undo").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("the batch before, again")).ToBeVisibleAsync();
        await page.ShownAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 12, disconfirmed: 1);
        await Expect(page.Locator("crowd-card").Nth(3)).ToHaveClassAsync("unticked");
        await page.Locator("crowd-card").Nth(3).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 12, disconfirmed: 0);
        Assert.Equal(12, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Undo_OfABatchOfSomebodyElse_IsTheNextBatchOfOnesOwn()
    {
        var job = await WorkerJobs.CreateAsync(api, 20, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await page.Locator("button.submit").ClickAsync();
        await Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=bob&again=0");
        await Expect(page.GetByText("batch 1 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=bob&again=no-number");
        await Expect(page.GetByText("batch 1 of 2", new() { Exact = true })).ToBeVisibleAsync();
    }

    /// <summary>The tab is closed before the service is back; whichever page of work comes next sends what was left.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_ThatCouldNotBeSent_IsSentByTheNextPageOnTheDevice_Once(bool isBeforeItsPictures)
    {
        var (job, other) = (await WorkerJobs.CreateAsync(api, 3, "Dog"), await WorkerJobs.CreateAsync(api, 3, "Cat"));
        var next = await LeaveUnsentAsync(job, untick: 1);
        // The pictures come before what was left is sent, or after it.
        var sent = new TaskCompletionSource();
        next.Response += (_, response) => { if (response.Url.EndsWith("/annotations", StringComparison.Ordinal)) sent.TrySetResult(); };
        if (isBeforeItsPictures)
            await next.RouteAsync("**/picture?*", async route =>
            {
                await sent.Task;
                await next.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
                await route.ContinueAsync();
            });
        await next.OpenAsync(api, other, "ann");
        await Expect(next.GetByText("What you could not send before is saved now.")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 3, disconfirmed: 1);
        Assert.Equal("[]", await next.EvaluateAsync<string>("localStorage.getItem('bulkqa:outbox')"));
    }

    /// <summary>Its tasks have the same numbers, and other pictures.</summary>
    [Fact]
    public async Task Answer_ToAJobThatIsAnotherOneSince_IsNotTaken()
    {
        var (job, other) = (await WorkerJobs.CreateAsync(api, 3, "Dog"), await WorkerJobs.CreateAsync(api, 3, "Cat"));
        var next = await LeaveUnsentAsync(job);
        (await api.Http.DeleteAsync($"/v1/jobs/{job}", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, batchSize = WorkerJobs.BatchSize }, TestContext.Current.CancellationToken);
        await api.Http.ImportAsync(job, "s3://b/1.jpg,Dog,90\ns3://b/2.jpg,Dog,90\ns3://b/3.jpg,Dog,90\n");
        await next.OpenAsync(api, other, "ann");
        await Expect(next.GetByText("What you could not send before is not taken: The batch was of a job")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 0, disconfirmed: 0);
    }

    [Fact]
    public async Task Answer_SavedBeforeThePicturesCome_IsSaidAfterwardsToo()
    {
        var (job, other) = (await WorkerJobs.CreateAsync(api, 3, "Dog"), await WorkerJobs.CreateAsync(api, 3, "Cat"));
        var next = await LeaveUnsentAsync(job);
        var said = next.GetByText("What you could not send before is saved now.");
        var come = new TaskCompletionSource();
        await next.RouteAsync("**/picture?*", async route =>
        {
            await come.Task;
            await route.ContinueAsync();
        });
        await next.GotoAsync($"{api.Http.BaseAddress}work/{other}?worker=ann", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await Expect(said).ToBeVisibleAsync();
        come.SetResult();
        await next.ShownAsync();
        await Expect(said).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Answer_ThatSomebodyElseLeft_WaitsForItsWorker()
    {
        var (job, other) = (await WorkerJobs.CreateAsync(api, 3, "Dog"), await WorkerJobs.CreateAsync(api, 3, "Cat"));
        var next = await LeaveUnsentAsync(job);
        await next.OpenAsync(api, other, "bob");
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 0, disconfirmed: 0);
        await next.OpenAsync(api, other, "ann");
        await Expect(next.GetByText("What you could not send before is saved now.")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 3, disconfirmed: 0);
    }

    [Fact]
    public async Task Size_OfPictures_IsKeptForTheBatchesThatFollow()
    {
        var job = await WorkerJobs.CreateAsync(api, 20, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        var medium = await WidthAsync();
        await page.GetByLabel("Size of pictures").SelectOptionAsync("large");
        var large = await WidthAsync();
        Assert.True(large > 1.5 * medium, $"{medium} px became {large} px");
        await page.Locator("button.submit").ClickAsync();
        await Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Equal(large, await WidthAsync());

        async Task<double> WidthAsync() => (await page.Locator("crowd-card").First.BoundingBoxAsync())!.Width;
    }

    /// <summary>Ann's batch that could not be sent before its tab was closed.</summary>
    /// <returns>Another tab of the same browser.</returns>
    private async Task<IPage> LeaveUnsentAsync(string job, int? untick = null)
    {
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        if (untick is { } card) await page.Locator("crowd-card").Nth(card).ClickAsync();
        await page.RouteAsync(Annotations, route => route.AbortAsync());
        await page.Locator("button.submit").ClickAsync();
        await Expect(page.GetByText("Your ticks are kept on this device")).ToBeVisibleAsync();
        var next = await page.Context.NewPageAsync();
        await page.CloseAsync();
        return next;
    }
}

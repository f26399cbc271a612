using System.Text.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>A worker may say that it can't tell; on Ground Truth's own page too, and there also that nothing was seen.</summary>
public sealed class CantTellWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CantTell_ByKeyAndByMouse_IsAnsweredAndIsNoVote()
    {
        var job = await WorkerJobs.CreateAsync(api, 8, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        var cards = page.Locator("crowd-card");
        // By each key; there and back; over an untick and back to it; and a tick after all.
        await PressAsync(0, "t");
        await PressAsync(1, "Shift+?");
        await PressAsync(2, "T", "t");
        await PressAsync(3, "Space", "t", "t");
        await PressAsync(4, "t", "Space");
        // By mouse: on the label, and on the box once the picture was unticked.
        await cards.Nth(5).GetByText("Can't tell").ClickAsync();
        await cards.Nth(6).Locator("img").ClickAsync();
        await cards.Nth(6).Locator("crowd-checkbox[value=CantTell] input").ClickAsync();
        await Assertions.Expect(page.Locator("crowd-card.unsure")).ToHaveCountAsync(4);
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(1);
        await Assertions.Expect(cards.Nth(0)).ToHaveAttributeAsync("aria-label", "Dog, picture 1 of 8, can't tell");
        await Assertions.Expect(page.Locator(".keys")).ToContainTextAsync("T can't tell");
        await Assertions.Expect(cards.Nth(5).Locator("crowd-checkbox[value=Confirmed] input")).Not.ToBeCheckedAsync();
        await Browser.ScreenshotAsync(page, "worker-cant-tell");
        // A box that is confirmed again is no longer one that can't be told.
        await cards.Nth(6).Locator("crowd-checkbox[value=Confirmed] input").ClickAsync();
        await Assertions.Expect(cards.Nth(6).Locator("crowd-checkbox[value=CantTell] input")).Not.ToBeCheckedAsync();
        await page.ReloadAsync();
        await page.ShownAsync();
        await Assertions.Expect(page.Locator("crowd-card.unsure")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();

        var images = await WorkerJobs.ImagesAsync(api, job);
        Assert.Equal([1, 1, 0, 0, 0, 1, 0, 0], images.Select(image => image.Int("cantTell")));
        Assert.Equal(
            ["Unreviewed", "Unreviewed", "Confirmed", "Disconfirmed", "Confirmed", "Unreviewed", "Confirmed", "Confirmed"], images.Select(image => image.String("verdict")));
        var progress = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((5, 5, 0), (progress.Int("votes"), progress.Int("reviewed"), progress.Int("unseen")));

        async Task PressAsync(int card, params string[] keys)
        {
            await cards.Nth(card).FocusAsync();
            foreach (var key in keys) await page.Keyboard.PressAsync(key);
        }
    }

    /// <summary>Nobody's votes: the task is done all the same.</summary>
    [Fact]
    public async Task CantTell_AllOfABatch_MakesTheTaskDone()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await WorkerJobs.WritePictureAsync(api, $"{job}/0.png", 0);
        await api.Http.ImportAsync(job, $"{job}/0.png,Dog,90");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await page.Keyboard.PressAsync("t");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        var progress = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((1, 0, 0), (progress.Int("tasksDone"), progress.Int("votes"), progress.Int("reviewed")));
    }

    /// <summary>Ground Truth makes one object of the boxes of a name, with a property for each value.</summary>
    [Fact]
    public async Task DefaultTemplate_AnsweredAsGroundTruthCollectsBoxes_SaysWhatIsNoVote()
    {
        var job = await WorkerJobs.CreateAsync(api, 4, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        var collected = JsonDocument.Parse(await page.EvaluateAsync<string>("""
            () => {
              const answers = {};
              for (const box of document.querySelectorAll('crowd-checkbox'))
                (answers[box.getAttribute('name')] ??= {})[box.getAttribute('value')] = box.hasAttribute('checked');
              answers['Dog-1'].Confirmed = false;
              answers['Dog-2'].CantTell = true;
              answers['Dog-3'].NotSeen = true;
              return JSON.stringify(answers);
            }
            """)).RootElement;
        Assert.Equal("""{"Confirmed":false,"CantTell":false,"NotSeen":false}""", collected.GetProperty("Dog-1").GetRawText());
        await (await api.Http.AnswerAsync(job, 0, "ann", collected)).JsonAsync();
        Assert.Equal(
            [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)],
            (await WorkerJobs.ImagesAsync(api, job)).Select(image => (image.Int("confirms"), image.Int("disconfirms"), image.Int("cantTell"), image.Int("notSeen"))));
    }

    /// <summary>What goes before a template there: a picture that failed ticks its box, in templates that have one.</summary>
    [Fact]
    public async Task GroundTruthHead_PictureThatFails_TicksNotSeen()
    {
        var head = await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "src", "Api", "assets", "ground-truth.html"), Cancellation);
        var page = await browser.OpenAsync();
        await page.RouteAsync("**/gone.png", route => route.FulfillAsync(new() { Status = 404 }));
        await page.RouteAsync("**/there.svg", route => route.FulfillAsync(new() { ContentType = "image/svg+xml", Body = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>" }));
        await page.RouteAsync("https://worker.example/", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = head + """
                <crowd-form>
                  <crowd-card id="old"><img src="/gone.png"><crowd-checkbox value="Confirmed" checked></crowd-checkbox></crowd-card>
                  <crowd-card id="good"><img src="/there.svg"><crowd-checkbox value="NotSeen"></crowd-checkbox></crowd-card>
                  <crowd-card id="bad"><div><img src="/gone.png"></div><crowd-checkbox value="NotSeen"></crowd-checkbox></crowd-card>
                </crowd-form>
                """,
        }));
        await page.GotoAsync("https://worker.example/", new() { WaitUntil = WaitUntilState.Load });
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('#bad crowd-checkbox').checked"));
        Assert.Equal(2, await page.Locator("crowd-checkbox[checked]").CountAsync());
        Assert.Equal(0, await page.Locator("#good crowd-checkbox[checked]").CountAsync());
    }
}

using System.Net.Http.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>What a job says to its workers, on the page they answer on: at each size of window, in both colours.</summary>
public sealed class GuidanceWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Page_OfAJobThatSaysMuch_ShowsItAsksForTheWholeBatchAndTellsOfGold(int width, bool isDark)
    {
        var job = await JobAsync();
        var page = await OpenAsync(job, width, isDark);
        var (panel, submit, message, feedback) = (page.Locator(".guidance details"), page.Locator("button.submit"), page.Locator(".message"), page.Locator(".feedback"));

        // Opened the first time, and read first.
        await Assertions.Expect(panel).ToHaveAttributeAsync("open", "");
        await Assertions.Expect(panel.Locator("summary")).ToBeFocusedAsync();
        await Assertions.Expect(panel.Locator(".text").First).ToHaveTextAsync("Look at the whole picture.\nThen <b>answer</b>.");
        await Assertions.Expect(panel.Locator("h2")).ToHaveTextAsync("Dog");
        await Assertions.Expect(panel.Locator(".right img")).ToHaveCountAsync(2);
        await Assertions.Expect(panel.Locator(".wrong img").First).ToHaveAttributeAsync("alt", "Wrong: this is not Dog, example 1");
        await Assertions.Expect(panel.Locator(".wrong img").First).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await panel.Locator(".wrong img").First.EvaluateAsync<bool>("image => image.naturalWidth > 0"));
        await panel.Locator(".example").First.PressAsync("Enter");
        await Assertions.Expect(page.Locator("dialog.zoom")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");

        // Not before every picture was in view.
        await Assertions.Expect(page.Locator("crowd-card img.failed")).ToHaveCountAsync(1);
        await Assertions.Expect(message).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^Look at every picture before you submit: \\d+ pictures left to scroll to\\.$"));
        await Assertions.Expect(submit).ToBeDisabledAsync();
        await Assertions.Expect(submit).ToHaveAccessibleDescriptionAsync(new System.Text.RegularExpressions.Regex("left to scroll to"));
        await page.AssertGoodAsync($"worker-guidance-{width}-{(isDark ? "dark" : "light")}");
        // Enter leads to the next one.
        await page.Locator("crowd-card").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(submit).ToBeDisabledAsync();
        for (var card = 0; card < Images; card++)
        {
            await page.Locator("crowd-card").Nth(card).EvaluateAsync("card => card.scrollIntoView({ block: 'center' })");
            await Assertions.Expect(page.Locator("crowd-card").Nth(card)).ToHaveJSPropertyAsync("seen", true);
        }
        await Assertions.Expect(submit).ToBeEnabledAsync();
        await page.Locator("crowd-card").First.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator("crowd-card").First).ToHaveAccessibleNameAsync("Dog, picture 1 of 22, disconfirmed");
        await Assertions.Expect(page.Locator(".aloud")).ToHaveTextAsync("disconfirmed");
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator(".aloud")).ToHaveTextAsync("confirmed");
        await Assertions.Expect(message).ToHaveTextAsync("1 picture can't be shown and will count as not seen.");
        await Assertions.Expect(feedback).ToHaveCountAsync(0);
        await submit.ClickAsync();

        // Nothing is left; how it went is told once, and nothing is taken back.
        await Assertions.Expect(page.Locator("[data-done]")).ToBeVisibleAsync();
        await Assertions.Expect(feedback.Locator("p")).ToHaveTextAsync("1 of 2 checks in the batch before were right.");
        await Assertions.Expect(feedback.Locator("li.hit")).ToHaveTextAsync("Right: it is Dog");
        await Assertions.Expect(feedback.Locator("li.miss")).ToHaveTextAsync("Missed: it is not Dog");
        await Assertions.Expect(page.GetByText("Undo")).ToHaveCountAsync(0);
        await page.AssertGoodAsync($"worker-feedback-{width}-{(isDark ? "dark" : "light")}");
        await feedback.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(feedback).ToHaveCountAsync(0);
    }

    /// <summary>A batch that goes on is answered with the keys, as ever; what was read once is a line.</summary>
    [Fact]
    public async Task Page_OfAJobThatWasReadBefore_KeepsThePanelShutAndItsKeysToItself()
    {
        var job = await JobAsync(see: false);
        var page = await OpenAsync(job, 1_200, isDark: false);
        await Assertions.Expect(page.Locator(".guidance details")).ToHaveAttributeAsync("open", "");
        await page.ReloadAsync();
        await page.ShownAsync();
        await Assertions.Expect(page.Locator(".guidance details")).Not.ToHaveAttributeAsync("open", "");
        await Assertions.Expect(page.Locator("crowd-card").First).ToBeFocusedAsync();
        await page.Locator(".guidance summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".guidance details")).ToHaveAttributeAsync("open", "");
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator(".guidance details")).Not.ToHaveAttributeAsync("open", "");
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(0);
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    /// <summary>A Ground Truth template knows nothing of it, and it is above it all the same.</summary>
    [Fact]
    public async Task Page_OfATemplateOfTheJobsOwn_HasThePanelAboveIt()
    {
        var job = await JobAsync(see: false);
        var template = await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Work", "Templates", "instructions-first.liquid"), Cancellation);
        (await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation)).EnsureSuccessStatusCode();
        var page = await OpenAsync(job, 1_200, isDark: false);
        await Assertions.Expect(page.Locator(".guidance .text").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("crowd-tabs")).ToBeVisibleAsync();
        await Browser.ScreenshotAsync(page, "worker-guidance-template");
    }

    private const int Images = 22;

    /// <summary>A batch of twenty pictures, of which one is not there, and two of gold: one right, one wrong.</summary>
    private async Task<string> JobAsync(bool see = true)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = Images, workersPerTask = 1, gold = new { oneIn = 11 }, work = new { instructions = "Look at the whole picture.\nThen <b>answer</b>.", seeWholeBatch = see, goldFeedback = true } });
        for (var number = 0; number < Images; number++) if (number != 7) await WorkerJobs.WritePictureAsync(api, $"{job}/{number}.png", number);
        await api.Http.ImportAsync(job, $"image,label,confidence,gold\n{job}/20.png,Dog,,right\n{job}/21.png,Dog,,wrong\n" + string.Concat(Enumerable.Range(0, Images - 2).Select(number => $"{job}/{number}.png,Dog,90,\n")));
        string Url(int number) => $"s3://bulkqa/images/{job}/{number}.png";
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/guidance?label=Dog", new { text = "A dog has a tail.\nA wolf is no dog.", right = (string[])[Url(0), Url(1)], wrong = (string[])[Url(2)] }, Cancellation)).JsonAsync();
        return job;
    }

    private async Task<IPage> OpenAsync(string job, int width, bool isDark)
    {
        var page = await browser.OpenAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator("crowd-card")).Not.ToHaveCountAsync(0);
        return page;
    }
}

using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>What the boxes of the worker page start with, and what of it reaches the facts.</summary>
public sealed class StartingBoxesWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ticked_AsByDefault_TravelsWithTheAnswer()
    {
        var job = await JobAsync(3, new { });
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("form, crowd-form").First).ToContainTextAsync("Untick every picture that is not Dog");
        await page.Keyboard.PressAsync("Space");
        await SubmitAsync(page);
        Assert.Equal([("disconfirm", "ticked"), ("confirm", "ticked"), ("confirm", "ticked")], await AnswersAsync(job));
    }

    [Fact]
    public async Task Unticked_NothingTouched_DisconfirmsAllButWhatIsTicked()
    {
        var job = await JobAsync(8, new { boxes = "unticked" });
        Assert.Equal("unticked", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).String("boxes"));
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-form")).ToContainTextAsync("Tick every picture that is Dog");
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(8);
        await Assertions.Expect(page.Locator("crowd-card img").First).ToHaveCSSAsync("opacity", "1");
        await Assertions.Expect(page.Locator(".keys")).ToContainTextAsync("space ticks");
        await page.Keyboard.PressAsync("Space");
        await page.Locator("crowd-card").Nth(3).Locator("img").ClickAsync();
        await page.Locator("crowd-card").Nth(5).ClickAsync(new() { Position = new() { X = 10, Y = 10 } });
        await page.Keyboard.PressAsync("t");
        // What was taken back is as it began.
        await page.Locator("crowd-card").Nth(6).FocusAsync();
        await page.Keyboard.PressAsync("t");
        await page.ReloadAsync();
        await page.ShownAsync();
        await Assertions.Expect(page.Locator("crowd-card.unsure")).ToHaveCountAsync(2);
        await page.Locator("crowd-card").Nth(6).FocusAsync();
        await page.Keyboard.PressAsync("t");
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(5);
        await ScreenshotsAsync(page, "worker-unticked");
        await SubmitAsync(page);
        Assert.Equal(["confirm", "disconfirm", "disconfirm", "confirm", "disconfirm", "cantTell", "disconfirm", "disconfirm"], (await AnswersAsync(job)).Select(answer => answer.Answer));
        Assert.All(await AnswersAsync(job), answer => Assert.Equal("unticked", answer.Boxes));
    }

    [Fact]
    public async Task Neither_UntilEachImageHasAnAct_IsNotSubmitted()
    {
        var job = await JobAsync(7, new { boxes = "neither" }, 6);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        var (cards, message, submit) = (page.Locator("crowd-card"), page.Locator(".message"), page.Locator("button.submit"));
        await Assertions.Expect(page.Locator("crowd-form")).ToContainTextAsync("Confirm every picture that is Dog, disconfirm every other");
        await Assertions.Expect(message).ToHaveTextAsync("6 pictures have no answer yet. 1 picture can't be shown and will count as not seen.");
        await Assertions.Expect(page.Locator("crowd-card.undecided")).ToHaveCountAsync(6);
        await Assertions.Expect(page.Locator("input:checked:visible")).ToHaveCountAsync(0);
        await Assertions.Expect(cards.Nth(0)).ToHaveAttributeAsync("aria-label", "Dog, picture 1 of 7, not answered yet");
        await Assertions.Expect(page.Locator(".keys")).ToContainTextAsync("Y confirms N disconfirms space switches");
        await Assertions.Expect(submit).ToBeDisabledAsync();
        // The first act by space confirms, the next one does not; Y and N say it at once.
        await PressAsync(0, "Space");
        await PressAsync(1, "Space", "Space");
        await PressAsync(2, "n");
        await PressAsync(3, "n", "Y");
        await PressAsync(4, "t");
        await Assertions.Expect(page.Locator("crowd-card.undecided")).ToHaveCountAsync(1);
        await Assertions.Expect(message).ToContainTextAsync("1 picture has no answer yet.");
        await ScreenshotsAsync(page, "worker-neither");
        // Enter leads to what is left, and sends nothing.
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(cards.Nth(5)).ToBeFocusedAsync();
        // By mouse; a box that is taken back says nothing, and so does a page that is loaded again.
        await BoxOf(5, "Disconfirmed").ClickAsync();
        await Assertions.Expect(submit).ToBeEnabledAsync();
        await BoxOf(5, "Disconfirmed").ClickAsync();
        await Assertions.Expect(submit).ToBeDisabledAsync();
        await page.ReloadAsync();
        await Assertions.Expect(message).ToContainTextAsync("1 picture has no answer yet.");
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(2);
        await BoxOf(5, "Disconfirmed").ClickAsync();
        await BoxOf(2, "Confirmed").ClickAsync();
        await Assertions.Expect(BoxOf(2, "Disconfirmed")).Not.ToBeCheckedAsync();
        await Assertions.Expect(submit).ToBeEnabledAsync();
        await SubmitAsync(page);
        Assert.Equal(["confirm", "disconfirm", "confirm", "confirm", "cantTell", "disconfirm", "notSeen"], (await AnswersAsync(job)).Select(answer => answer.Answer));
        Assert.All(await AnswersAsync(job), answer => Assert.Equal("neither", answer.Boxes));

        ILocator BoxOf(int card, string value) => cards.Nth(card).Locator($"crowd-checkbox[value={value}] input");

        async Task PressAsync(int card, params string[] keys)
        {
            await cards.Nth(card).FocusAsync();
            foreach (var key in keys) await page.Keyboard.PressAsync(key);
        }
    }

    /// <summary>Ground Truth's templates know nothing of the setting.</summary>
    [Theory]
    [InlineData("unticked", "checked", "unticked")]
    [InlineData("neither", "checked", "neither")]
    [InlineData(null, "checked", "ticked")]
    [InlineData(null, "", "unticked")]
    [InlineData(null, "{% if forloop.first %}checked{% endif %}", null)]
    public async Task Template_OfItsOwn_GivesWayToTheSettingAndElseSaysHowItBegan(string? boxes, string attribute, string? start)
    {
        var job = await JobAsync(3, new { boxes });
        var template = $$$"""
            <crowd-form>{% for one in task.input.sourceRef %}
              <crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed" {{{attribute}}}></crowd-checkbox></crowd-card>
            {% endfor %}</crowd-form>
            """;
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, put.StatusCode);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        if (boxes == "neither")
        {
            await Assertions.Expect(page.Locator(".message")).ToHaveTextAsync("3 pictures have no answer yet.");
            foreach (var card in await page.Locator("crowd-card").AllAsync())
            {
                await card.FocusAsync();
                await page.Keyboard.PressAsync("y");
            }
        }
        await page.ShownAsync();
        await SubmitAsync(page);
        Assert.All(await AnswersAsync(job), answer => Assert.Equal(start, answer.Boxes));
    }

    private async Task<string> JobAsync(int images, object settings, params int[] broken)
    {
        var job = await api.Http.CreateJobAsync(settings);
        for (var number = 0; number < images; number++)
            if (!broken.Contains(number)) await WorkerJobs.WritePictureAsync(api, $"{job}/{number}.png", number);
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, images).Select(number => $"{job}/{number}.png,Dog,{80 + number}")));
        return job;
    }

    private static async Task SubmitAsync(IPage page)
    {
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    /// <summary>Wide and narrow, light and dark.</summary>
    private static async Task ScreenshotsAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("BULKQA_SCREENSHOTS") is null) return;
        await Browser.ScreenshotAsync(page, name);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Browser.ScreenshotAsync(page, $"{name}-dark");
        await page.SetViewportSizeAsync(390, 800);
        await Browser.ScreenshotAsync(page, $"{name}-narrow-dark");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Browser.ScreenshotAsync(page, $"{name}-narrow");
        await page.SetViewportSizeAsync(700, 800);
        await Browser.ScreenshotAsync(page, $"{name}-half");
        await page.SetViewportSizeAsync(1_200, 900);
    }

    /// <summary>The one answer to each image of a job of one batch, in the order of the boxes.</summary>
    private async Task<List<(string Answer, string? Boxes)>> AnswersAsync(string job)
    {
        var answers = new List<(string, string?)>();
        foreach (var image in (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).Items("images"))
        {
            var history = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image/history?url={Uri.EscapeDataString(image.String("imageUrl"))}&label=Dog");
            var answer = Assert.Single(history.Items("answers"));
            answers.Add((answer.String("answer"), answer.GetProperty("boxes").GetString()));
        }
        return answers;
    }
}

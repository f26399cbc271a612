using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>The worker page and the results pages in a real browser.</summary>
public sealed class WorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_ByKeyboardAlone_CompletesTheJob()
    {
        var job = await JobAsync(30, "Dog");
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}");
        await page.FillAsync("input[name=worker]", "ann");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("batch 1 of 3", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("crowd-card")).ToHaveCountAsync(12);
        await Assertions.Expect(page.Locator("crowd-card").First).ToBeFocusedAsync();
        // The third picture of the first row, and the one below it.
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(2);
        Assert.Equal([2, 2 + await ColumnsAsync(page)], await page.EvaluateAsync<int[]>(
            "[...document.querySelectorAll('crowd-card')].flatMap((card, at) => card.classList.contains('unticked') ? [at] : [])"));
        await Browser.ScreenshotAsync(page, "worker-keyboard");
        for (var batch = 2; batch <= 3; batch++)
        {
            await page.ShownAsync();
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.GetByText($"batch {batch} of 3", new() { Exact = true })).ToBeVisibleAsync();
        }
        await page.ShownAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await AssertTotalsAsync(job, reviewed: 30, disconfirmed: 2);
    }

    [Fact]
    public async Task Worker_ByMouseAlone_CompletesTheJobAndSeesTheResults()
    {
        var job = await JobAsync(15, "Dog");
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=bob");
        // On the picture, on the box, and on a box twice.
        await page.Locator("crowd-card img").Nth(0).ClickAsync();
        await page.Locator("crowd-checkbox[value=Confirmed] input").Nth(4).ClickAsync();
        await page.Locator("crowd-checkbox[value=Confirmed] label").Nth(5).ClickAsync();
        await page.Locator("crowd-card").Nth(5).ClickAsync(new() { Position = new() { X = 10, Y = 10 } });
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(2);
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await page.Locator("button.submit").ClickAsync();
        await page.GetByText("See the results").ClickAsync();
        await Assertions.Expect(page.Locator("#classes tr.sum").First).ToContainTextAsync("totals");
        await Browser.ScreenshotAsync(page, "results");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Browser.ScreenshotAsync(page, "results-dark");
        await page.Locator("#classes tr").Nth(2).GetByRole(AriaRole.Link).Nth(2).ClickAsync();
        await Assertions.Expect(page.Locator(".card.Disconfirmed")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".card").First).ToContainTextAsync("✗ bob");
        await Browser.ScreenshotAsync(page, "images");
        await AssertTotalsAsync(job, reviewed: 15, disconfirmed: 2);
    }

    [Fact]
    public async Task Worker_ReloadAndDoubleSubmit_LoseAndDoubleNothing()
    {
        var job = await JobAsync(20, "Dog");
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=cat");
        await page.Locator("crowd-card").Nth(3).ClickAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("crowd-card").Nth(3)).ToHaveClassAsync("unticked");
        await page.Locator("button.submit").DblClickAsync();
        await Assertions.Expect(page.GetByText("batch 2 of 2", new() { Exact = true })).ToBeVisibleAsync();
        await AssertTotalsAsync(job, reviewed: 12, disconfirmed: 1);
        Assert.Equal(12, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Worker_ServerUnreachable_KeepsTheTicksAndSubmitsLater()
    {
        var job = await JobAsync(3, "Dog");
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=dan");
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await page.RouteAsync("**/annotations", route => route.AbortAsync());
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Your ticks are kept")).ToBeVisibleAsync();
        // Nobody has to do anything for it.
        await page.UnrouteAsync("**/annotations");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await AssertTotalsAsync(job, reviewed: 3, disconfirmed: 1);
    }

    [Fact]
    public async Task Pages_HostileLabelUrlAndWorker_AreShownAsText()
    {
        const string Label = "<img src=x onerror=\"document.title='owned'\">'{{ 1 | plus: 1 }}";
        const string Picture = "\"><script>document.title='owned'</script>.jpg";
        var job = await api.Http.CreateJobAsync();
        await WorkerJobs.WritePictureAsync(api, Picture, 1);
        await api.Http.ImportAsync(job, System.Text.Json.JsonSerializer.Serialize(new { s3_image_url = $"s3://bulkqa/images/{Picture}", label = Label, confidence = 90 }), "application/x-ndjson");
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker={Uri.EscapeDataString("<script>document.title='owned'</script>")}");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync($"Are these {Label}?");
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        foreach (var path in (string[])[$"jobs/{job}", $"jobs/{job}/images", ""])
        {
            await page.GotoAsync($"{api.Http.BaseAddress}{path}");
            Assert.DoesNotContain("owned", await page.TitleAsync(), StringComparison.Ordinal);
            Assert.Equal(0, await page.Locator("main script, img[onerror]").CountAsync());
        }
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    /// <summary>Written as Ground Truth's examples are: their script tag, their elements, a style of its own.</summary>
    [Fact]
    public async Task Template_OfGroundTruth_RunsUnchangedOffline()
    {
        const string Template = """
            <script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
            <style>.tile { display: inline-block; width: 180px }</style>
            <crowd-form>
              {% for image in task.input.sourceRef %}
              <crowd-card class="tile">
                <img src="{{ image.s3_image_url | grant_read_access }}" style="max-width: 160px" />
                <div>{{ image.label }} ({{ image.confidence }})</div>
                <crowd-checkbox name="{{ image.label }}-{{ forloop.index0 }}" value="Confirmed" checked="true">Confirm</crowd-checkbox>
              </crowd-card>
              {% endfor %}
            </crowd-form>
            """;
        var job = await JobAsync(3, "Saint-Bernard 1");
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(Template, "text/html"), Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, put.StatusCode);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=eve");
        await Assertions.Expect(page.Locator("crowd-card")).ToHaveCountAsync(3);
        await page.Locator("crowd-card").Nth(2).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await AssertTotalsAsync(job, reviewed: 3, disconfirmed: 1);
    }

    [Theory]
    [InlineData("{% for x in %}", "can't be used")]
    [InlineData("", "0 bytes")]
    public async Task Template_ThatIsNone_Is400(string template, string problem)
    {
        var job = await JobAsync(1, "Dog");
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        Assert.Contains(problem, await put.ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("crowd-form", await api.Http.GetStringAsync($"/v1/jobs/{job}/template", Cancellation), StringComparison.Ordinal);
    }

    /// <summary>Forty steps are enough to fill any memory, and a hundred thousand to keep a core busy for minutes.</summary>
    [Theory]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}", "a value of more than")]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}", "a value of more than")]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% assign s = s | replace: 'x', s %}{% endfor %}", "a text of more than")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..15) %}{% assign s = s | append: s %}{% endfor %}{% assign a = s | split: '' %}{{ a | join: s }}", "a text of more than")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..17) %}{% assign s = s | append: s %}{% endfor %}{% for i in (1..900) %}{{ s }}{% endfor %}", "a page of more than")]
    [InlineData("{% assign s = 'x,' %}{% for i in (1..16) %}{% assign s = s | append: s %}{% endfor %}{% for i in (1..9000) %}{% assign a = s | split: ',' | sort | uniq %}{% endfor %}", "takes longer than")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..17) %}{% assign s = s | append: s %}{% endfor %}{% for i in (1..900) %}{% for j in (1..50) %}{% assign t = s | skip_autoescape %}{% endfor %}{% endfor %}", "takes longer than")]
    [InlineData("{% for i in (1..99999) %}{% for j in (1..99999) %}{% endfor %}{% endfor %}", "")]
    public async Task Template_ThatTakesTooMuch_IsRefusedInTime(string template, string problem)
    {
        var job = await JobAsync(1, "Dog");
        var began = TimeProvider.System.GetTimestamp();
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        Assert.Contains(problem, await put.ProblemAsync(400), StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
        await api.Http.GetStringAsync($"/work/{job}?worker=ann", Cancellation);
    }

    /// <summary>How many cards the first row has.</summary>
    private static Task<int> ColumnsAsync(IPage page) => page.EvaluateAsync<int>(
        "(cards => cards.filter(card => card.offsetTop === cards[0].offsetTop).length)([...document.querySelectorAll('crowd-card')])");

    private Task<string> JobAsync(int images, string label) => WorkerJobs.CreateAsync(api, images, label);

    private Task AssertTotalsAsync(string job, int reviewed, int disconfirmed) => WorkerJobs.AssertTotalsAsync(api, job, reviewed, disconfirmed);
}

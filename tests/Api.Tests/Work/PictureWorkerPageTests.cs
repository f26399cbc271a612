using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Nothing is answered that the worker has not been shown.</summary>
public sealed class PictureWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Pictures = "**/picture?*";

    [Fact]
    public async Task Enter_HeldDown_AnswersOneBatch()
    {
        var job = await WorkerJobs.CreateAsync(api, 36, "Dog");
        var page = await browser.OpenAsync();
        var sent = 0;
        page.Request += (_, request) => sent += request.Method == "POST" ? 1 : 0;
        await page.OpenAsync(api, job, "ann");
        await page.Keyboard.DownAsync("Enter");
        await Assertions.Expect(page.GetByText("batch 2 of 3", new() { Exact = true })).ToBeVisibleAsync();
        await page.ShownAsync();
        for (var repeat = 0; repeat < 5; repeat++) await page.Keyboard.DownAsync("Enter");
        await page.Locator("button.submit").FocusAsync();
        for (var repeat = 0; repeat < 5; repeat++) await page.Keyboard.DownAsync("Enter");
        await page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        Assert.Equal(1, sent);
        await page.Keyboard.UpAsync("Enter");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("batch 3 of 3", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task Submit_BeforeThePicturesAreShown_SendsNothing()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await browser.OpenAsync();
        var release = new TaskCompletionSource();
        await page.RouteAsync(Pictures, async route =>
        {
            if (route.Request.Url.Contains("1.png", StringComparison.Ordinal)) await release.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await Assertions.Expect(page.Locator("button.submit")).ToBeDisabledAsync();
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('crowd-card')].filter(card => card.loading).length === 1");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("1 of 3 pictures");
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        release.SetResult();
        await page.ShownAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Picture_LazyAndFarBelow_IsLoaded()
    {
        const string Template = """
            <crowd-form>{% for image in task.input.sourceRef %}<div style="height: 9000px">
            <crowd-card><img loading="lazy" src="{{ image.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ image.label }}-{{ forloop.index0 }}" value="Confirmed" checked></crowd-checkbox></crowd-card>
            </div>{% endfor %}</crowd-form>
            """;
        var job = await WorkerJobs.CreateAsync(api, 4, "Dog");
        await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(Template, "text/html"), TestContext.Current.CancellationToken);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('crowd-card img')].every(img => img.naturalWidth > 0)"));
    }

    [Fact]
    public async Task Picture_ThatCannotBeShown_MustBeUnticked()
    {
        var job = await WorkerJobs.CreateAsync(api, 5, "Dog", broken: [1, 3]);
        var broken = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).Items("images")
            .Select((image, index) => (Url: image.String("imageUrl"), Index: index))
            .Where(image => image.Url.EndsWith("1.png", StringComparison.Ordinal) || image.Url.EndsWith("3.png", StringComparison.Ordinal)).ToList();
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(2);
        await Browser.ScreenshotAsync(page, "worker-broken");
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("2 pictures can't be shown");
        await Assertions.Expect(page.Locator("crowd-card.failed").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("1 picture can't be shown");
        await Assertions.Expect(page.Locator("crowd-card.failed").Last).ToBeFocusedAsync();
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        await WorkerJobs.AssertTotalsAsync(api, job, reviewed: 5, disconfirmed: broken.Count);
    }

    [Fact]
    public async Task Picture_ThatNeverEnds_CountsAsFailedAfterHalfAMinute()
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var page = await browser.OpenAsync();
        var release = new TaskCompletionSource();
        await page.Clock.InstallAsync();
        await page.RouteAsync(Pictures, async route =>
        {
            if (route.Request.Url.Contains("1.png", StringComparison.Ordinal)) await release.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await Assertions.Expect(page.Locator("button.submit")).ToBeDisabledAsync();
        await page.Clock.FastForwardAsync(31_000);
        await page.ShownAsync();
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(1);
        // It came late, but it came.
        release.SetResult();
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Pictures_NoneShown_SaysWhomToTell()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog", broken: [0, 1, 2]);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync($"whoever runs the job '{job}' about task 0");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("3 pictures can't be shown");
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Pictures_InATabNeverOpened_ArenotAnswered()
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var template = await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Work", "Templates", "instructions-first.liquid"), TestContext.Current.CancellationToken);
        await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), TestContext.Current.CancellationToken);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("another tab");
        await Assertions.Expect(page.Locator("button.submit")).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Pictures" }).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1_200, ColorScheme.Light)]
    [InlineData(1_200, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Page_WideOrNarrowLightOrDark_FitsTheScreen(int width, ColorScheme scheme)
    {
        var job = await WorkerJobs.CreateAsync(api, 12, "A label of some length as models give them", broken: [4]);
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 850);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.OpenAsync(api, job, "annabel.longworker@example.org");
        await page.Locator("crowd-card").Nth(1).ClickAsync();
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync("1 picture can't be shown");
        await Browser.ScreenshotAsync(page, $"worker-{width}-{scheme}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        // The frame of what can't be read on its ground would be worth nothing: text and ground differ by a good deal.
        Assert.True(await page.EvaluateAsync<double>("""
            (() => {
              const light = color => color.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
              const card = getComputedStyle(document.querySelector('crowd-card'));
              return Math.abs(light(card.color) - light(card.backgroundColor));
            })()
            """) > 0.5);
    }
}

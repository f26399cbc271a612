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
    public async Task Picture_ThatCannotBeShown_CantBeTickedAndCountsAsNotSeen()
    {
        var job = await WorkerJobs.CreateAsync(api, 5, "Dog", broken: [1, 3]);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        var failed = page.Locator("crowd-card.failed");
        await Assertions.Expect(failed).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".message")).ToHaveTextAsync("2 pictures can't be shown and will count as not seen.");
        await Assertions.Expect(failed.First.Locator(".note")).ToContainTextAsync("Can't be shown");
        await Browser.ScreenshotAsync(page, "worker-broken");
        // By mouse on the card and on its boxes, and by keys.
        await failed.First.ClickAsync(new() { Position = new() { X = 20, Y = 20 }, Force = true });
        foreach (var box in await failed.First.Locator("crowd-checkbox:visible input").AllAsync()) await box.ClickAsync(new() { Force = true });
        await failed.First.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("t");
        await Assertions.Expect(failed.First).ToHaveAttributeAsync("aria-disabled", "true");
        await Assertions.Expect(failed.First).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("can't be shown"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();

        foreach (var (number, image) in (await WorkerJobs.ImagesAsync(api, job)).Index())
        {
            var unseen = number is 1 or 3;
            Assert.Equal((unseen ? 0 : 1, 0, unseen ? 1 : 0, unseen ? "Unreviewed" : "Confirmed"), (image.Int("confirms"), image.Int("disconfirms"), image.Int("notSeen"), image.String("verdict")));
        }
        var progress = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((3, 2, 3), (progress.Int("reviewed"), progress.Int("unseen"), progress.Int("votes")));
        Assert.Equal(["ann"], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).Items("answeredBy").Select(worker => worker.GetString()));
        Assert.Equal(
            [$"s3://bulkqa/images/{job}/1.png", $"s3://bulkqa/images/{job}/3.png"],
            (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?problem=unseen")).Items().Select(image => image.String("imageUrl")).Order(StringComparer.Ordinal));
        // And so the operator finds them.
        await page.GotoAsync($"{api.Http.BaseAddress}jobs/{job}");
        await page.Locator("#unseen").ClickAsync();
        await Assertions.Expect(page.Locator(".card")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".card").First).ToContainTextAsync("not seen by 1");
        await Browser.ScreenshotAsync(page, "images-unseen");
        await page.Locator("#seen-too").ClickAsync();
        await Assertions.Expect(page.Locator(".card")).ToHaveCountAsync(5);
        await page.Locator("#only-unseen").ClickAsync();
        await Assertions.Expect(page.Locator(".card")).ToHaveCountAsync(2);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("refused")]
    [InlineData("blocked")]
    [InlineData("a page instead")]
    [InlineData("no picture inside")]
    [InlineData("cut off at its head")]
    [InlineData("cut off half way")]
    public async Task Picture_FailsInWhateverWay_CountsAsNotSeen(string way)
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var whole = await File.ReadAllBytesAsync(Path.Combine(api.DataDirectory, "objects", "bulkqa", "images", job, "1.png"), TestContext.Current.CancellationToken);
        var page = await browser.OpenAsync();
        await page.RouteAsync(Pictures, route => !route.Request.Url.Contains("1.png", StringComparison.Ordinal) ? route.ContinueAsync() : way switch
        {
            "gone" => route.FulfillAsync(new() { Status = 404 }),
            "refused" => route.FulfillAsync(new() { Status = 403, ContentType = "image/png", BodyBytes = [] }),
            "blocked" => route.AbortAsync("blockedbyclient"),
            "a page instead" => route.FulfillAsync(new() { ContentType = "text/html", Body = "<h1>Sign in</h1>" }),
            "no picture inside" => route.FulfillAsync(new() { ContentType = "image/png", Body = "nothing of the kind" }),
            // Its size is there and its end is not; browsers draw as much as there is.
            "cut off at its head" => route.FulfillAsync(new() { ContentType = "image/png", BodyBytes = whole[..60] }),
            _ => route.FulfillAsync(new() { ContentType = "image/png", BodyBytes = whole[..(whole.Length / 2)] }),
        });
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        Assert.Equal([0, 1, 0], (await WorkerJobs.ImagesAsync(api, job)).Select(image => image.Int("notSeen")));
        Assert.Equal(2, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Theory]
    [InlineData("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/></svg>")]
    [InlineData("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>")]
    [InlineData("image/bmp", "BM\u003a\0\0\0\0\0\0\0\u0036\0\0\0\u0028\0\0\0\u0001\0\0\0\u0001\0\0\0\u0001\0\u0018\0\0\0\0\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u007f\u007f\u007f\0")]
    public async Task Picture_SmallOrWithoutASize_IsShown(string type, string content)
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var page = await browser.OpenAsync();
        await page.RouteAsync(Pictures, route => route.FulfillAsync(new() { ContentType = type, BodyBytes = System.Text.Encoding.Latin1.GetBytes(content) }));
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
    }

    /// <summary>What was said of it before stands again once it is there.</summary>
    [Fact]
    public async Task Picture_ThatComesLate_IsAnsweredAsItWasTicked()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await browser.OpenAsync();
        var broken = true;
        await page.RouteAsync(Pictures, route => broken && route.Request.Url.Contains("1.png", StringComparison.Ordinal) ? route.AbortAsync() : route.ContinueAsync());
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(1);
        broken = false;
        await page.EvaluateAsync("() => { const picture = document.querySelector('crowd-card.failed img'); picture.src = `${picture.src}&again`; }");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".message")).ToHaveTextAsync("");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        Assert.Equal(["Confirmed", "Confirmed", "Confirmed"], (await WorkerJobs.ImagesAsync(api, job)).Select(image => image.String("verdict")));
    }

    [Fact]
    public async Task Pictures_NoneShown_CantBeSubmittedAndTheJobSaysSoUntilSomebodySeesSome()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog", broken: [0, 1, 2]);
        await WorkerJobs.WritePictureAsync(api, $"{job}/elk.png", 5);
        await api.Http.ImportAsync(job, $"{job}/elk.png,Elk,90");
        var page = await browser.OpenAsync();
        var answers = 0;
        page.Request += (_, request) => answers += request.Url.EndsWith("/annotations", StringComparison.Ordinal) ? 1 : 0;
        var reported = page.WaitForResponseAsync("**/unshown");
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        Assert.Equal(204, (await reported).Status);
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync($"The page of the job '{job}' says so of task 0.");
        await Assertions.Expect(page.Locator("button.submit")).ToBeDisabledAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.EvaluateAsync("() => document.querySelector('crowd-form').submit()");
        await Browser.ScreenshotAsync(page, "worker-unshown");
        await page.SetViewportSizeAsync(390, 850);
        await Browser.ScreenshotAsync(page, "worker-unshown-narrow");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Equal(0, answers);
        var known = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((0, 0, "ann"), (known.Int("unseen"), known.GetProperty("unshown").Int("task"), known.GetProperty("unshown").String("worker")));
        var operators = await browser.OpenAsync();
        await operators.GotoAsync($"{api.Http.BaseAddress}jobs/{job}");
        await Assertions.Expect(operators.Locator("#unshown")).ToContainTextAsync("None of the pictures of task 0 could be shown to ann");
        await Browser.ScreenshotAsync(operators, "job-unshown");

        // One worker goes on with what is left, and another gets the pictures once there is one.
        await page.Locator("button.another").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Are these Elk?");
        await WorkerJobs.WritePictureAsync(api, $"{job}/1.png", 1);
        await page.OpenAsync(api, job, "bob");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Are these Dog?");
        await Assertions.Expect(page.Locator("button.another")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Are these Elk?");
        await operators.ReloadAsync();
        await Assertions.Expect(operators.Locator("#classes")).ToBeVisibleAsync();
        await Assertions.Expect(operators.Locator("#unshown")).ToHaveCountAsync(0);
        Assert.Equal(2, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("unseen"));
    }

    /// <summary>Where the report does not get through either, the worker is told whom to tell.</summary>
    [Fact]
    public async Task Pictures_NoneShownAndNothingReported_SaysWhomToTell()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        var page = await browser.OpenAsync();
        await page.RouteAsync("**/unshown", route => route.AbortAsync());
        await page.RouteAsync(Pictures, route => route.AbortAsync());
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator(".message")).ToContainTextAsync($"Reload to try again; if that doesn't help, tell whoever runs the job '{job}' about task 0.");
        await Assertions.Expect(page.Locator("button.another")).ToBeHiddenAsync();
        await page.UnrouteAsync(Pictures);
        await page.ReloadAsync();
        await page.ShownAsync();
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
        await page.Locator("crowd-card").Nth(2).FocusAsync();
        await page.Keyboard.PressAsync("t");
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

using System.Net;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Templates of operators on the worker page, in a real browser.</summary>
public sealed class TemplateWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    /// <summary>Cards that have a picture which loaded.</summary>
    private const string CountPictures =
        "[...document.querySelectorAll('crowd-card')].filter(card => [...card.querySelectorAll('img')].some(img => img.naturalWidth > 0)).length";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image-attribute")]
    [InlineData("tabs-and-columns")]
    [InlineData("instructions-first")]
    [InlineData("unescaped")]
    public Task Template_OfTheGallery_ShowsEveryPictureAndTakesTheAnswers(string name) =>
        AssertWorksAsync(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Work", "Templates", $"{name}.liquid"));

    [Theory]
    [InlineData("card-image-attribute")]
    [InlineData("tabs-and-columns")]
    public Task Template_AsPublished_ShowsEveryPictureAndTakesTheAnswers(string name) =>
        AssertWorksAsync(SharedData.Template($"{name}.liquid"));

    /// <summary>The label is put in without encoding, as text and in attributes; nothing of it may act.</summary>
    [Theory]
    [InlineData("<b>bold</b><script>document.title='owned'</script>")]
    [InlineData("<img src=x onerror=document.title='owned'><iframe src=/></iframe>")]
    [InlineData("</h2><form action=/x><base href=//x><meta http-equiv=refresh content=0>")]
    [InlineData("<a href=javascript:document.title='owned'>here</a><link rel=stylesheet href=/x>")]
    [InlineData("' onclick=\"document.title='owned'\" style='position:fixed;inset:0' x='")]
    [InlineData("<crowd-card><crowd-checkbox name=Dog-0 checked></crowd-checkbox></crowd-card>")]
    [InlineData("<style>crowd-card{display:none}</style><svg><script>document.title='owned'</script></svg>")]
    public async Task SkipAutoescape_OfAHostileLabel_ShowsTextOnly(string label)
    {
        const string Template = """
            <crowd-form>
            <h2 title="{{ task.input.sourceRef[0].label | skip_autoescape }}" class='{{ task.input.sourceRef[0].label | raw }}'>{{ task.input.sourceRef[0].label | skip_autoescape }} it is</h2>
            {% for image in task.input.sourceRef %}
            <crowd-card image="{{ image.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ image.label }}-{{ forloop.index0 }}" value="Confirmed" checked /></crowd-card>
            {% endfor %}
            </crowd-form>
            """;
        var job = await api.Http.CreateJobAsync();
        await WorkerJobs.WritePictureAsync(api, "hostile/1.png", 1);
        await api.Http.ImportAsync(job, System.Text.Json.JsonSerializer.Serialize(new { s3_image_url = "s3://bulkqa/images/hostile/1.png", label, confidence = 90 }), "application/x-ndjson");
        await PutAsync(job, Template);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("#task h2")).ToContainTextAsync("it is");
        await page.Locator("#task h2").ClickAsync(new() { Position = new() { X = 5, Y = 5 } });
        Assert.DoesNotContain("owned", await page.TitleAsync().ContinueWith(title => title.Result.Replace(label, "", StringComparison.Ordinal), TaskScheduler.Default), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("#task :is(script, iframe, form, base, meta, link, svg, style, [onclick], [onerror], [href], h2 [style])").CountAsync());
        Assert.Equal(1, await page.Locator("#task crowd-card").CountAsync());
        Assert.Equal(1, await page.EvaluateAsync<int>(CountPictures));
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Form_SubmitEventPrevented_SendsNothing()
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Dog");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await page.EvaluateAsync("() => document.querySelector('crowd-form').addEventListener('submit', event => { event.preventDefault(); document.title = 'asked'; }, { once: true })");
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("asked");
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    /// <summary>No upload check sees every label; a batch is not lost to one.</summary>
    [Fact]
    public async Task Template_ThatFailsForOneLabel_GivesWayToTheDefault()
    {
        var job = await WorkerJobs.CreateAsync(api, 2, "Odd");
        var template = await api.Http.GetStringAsync($"/v1/jobs/{job}/template", Cancellation);
        await PutAsync(job, $"{{% if task.input.sourceRef[0].label == 'Odd' %}}<p>none</p>{{% else %}}{template}{{% endif %}}");
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card")).ToHaveCountAsync(2);
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Cards_OfAnyTemplate_SayWhatTheyAre()
    {
        var job = await WorkerJobs.CreateAsync(api, 3, "Dog");
        await PutAsync(job, await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Work", "Templates", "instructions-first.liquid"), Cancellation));
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator("crowd-card").Nth(1)).ToHaveAttributeAsync("aria-label", "Dog, picture 2 of 3, confirmed");
        await Assertions.Expect(page.Locator("crowd-checkbox[value=Confirmed] input").Nth(1)).ToHaveAttributeAsync("aria-label", "Confirm");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Read this first" }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Pictures" })).ToHaveAttributeAsync("aria-selected", "true");
        await Assertions.Expect(page.Locator("crowd-card").First).ToBeVisibleAsync();
    }

    /// <summary>Seven pictures, two unticked by mouse: their votes are the two Disconfirms. A third is one that can't be told.</summary>
    private async Task AssertWorksAsync(string path)
    {
        var job = await WorkerJobs.CreateAsync(api, 7, "Saint-Bernard 1");
        await PutAsync(job, await File.ReadAllTextAsync(path, Cancellation));
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker=ann");
        await Assertions.Expect(page.Locator("crowd-card")).ToHaveCountAsync(7);
        var tabs = page.GetByRole(AriaRole.Tab);
        for (var tab = await tabs.CountAsync() - 1; tab >= 0; tab--) await tabs.Nth(tab).ClickAsync();
        if (await page.Locator("crowd-card").First.IsHiddenAsync()) await tabs.Filter(new() { HasText = "Pictures" }).ClickAsync();
        await page.ShownAsync();
        Assert.Equal(7, await page.EvaluateAsync<int>(CountPictures));
        await page.Locator("crowd-card img").Nth(1).ClickAsync();
        await page.Locator("crowd-checkbox[value=Confirmed] input").Nth(4).ClickAsync();
        await page.Locator("crowd-card").Nth(5).GetByText("Can't tell").ClickAsync();
        await Assertions.Expect(page.Locator("crowd-card.unsure")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("crowd-card.unticked")).ToHaveCountAsync(2);
        await Browser.ScreenshotAsync(page, $"template-{Path.GetFileNameWithoutExtension(path)}");
        await page.SetViewportSizeAsync(390, 850);
        await Browser.ScreenshotAsync(page, $"template-{Path.GetFileNameWithoutExtension(path)}-narrow");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing left for you")).ToBeVisibleAsync();
        foreach (var (number, image) in (await WorkerJobs.ImagesAsync(api, job)).Index())
            Assert.Equal((number is 1 or 4 ? "Disconfirmed" : number is 5 ? "Unreviewed" : "Confirmed", number is 5 ? 1 : 0), (image.String("verdict"), image.Int("cantTell")));
    }

    private async Task PutAsync(string job, string template)
    {
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        Assert.True(put.StatusCode == HttpStatusCode.NoContent, await put.Content.ReadAsStringAsync(Cancellation));
    }
}

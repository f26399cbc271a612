using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>How a lead says to workers how to check, in a browser.</summary>
public sealed class GuidancePageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Fact]
    public async Task Picture_ByKey_BecomesAnExampleOfItsClassAndIsNoneAgain()
    {
        var job = await MakeAsync();
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/pictures?sort=confidence", until: ".picture");
        await page.Locator("[data-place='0'] .picture-open").ClickAsync();
        var right = page.GetByRole(AriaRole.Button, new() { Name = "Right example (E)" });
        await Expect(right).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("e");
        await Expect(right).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Equal($"{Url(0)} / ", await SidesAsync(job));
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong example (W)" }).ClickAsync();
        await Expect(right).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.Equal($" / {Url(0)}", await SidesAsync(job));
        await page.Keyboard.PressAsync("w");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Wrong example (W)" })).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.Empty((await api.Http.GetJsonAsync($"/v1/jobs/{job}/guidance")).Items());
        await page.Keyboard.PressAsync("e");
        await Expect(right).ToHaveAttributeAsync("aria-pressed", "true");
        await page.AssertGoodAsync("console-picture-example");
        await page.GetByRole(AriaRole.Link, new() { Name = "How to check Dog" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "How to check Dog" }).Locator("img")).ToHaveCountAsync(1);
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Guidance_OfAClass_IsWrittenOnEachScreen(int width, bool isDark)
    {
        var job = await MakeAsync();
        var screen = string.Create(CultureInfo.InvariantCulture, $"{width}-{(isDark ? "dark" : "light")}");
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/settings?view=guidance&label=Dog", width, isDark, ".guidance-editor textarea");
        await Expect(page.GetByText("None yet.")).ToBeVisibleAsync();
        await page.GetByLabel("How to tell Dog").FillAsync("A dog has a tail.\nA wolf is no dog.");
        await page.GetByLabel("Address of a picture").FillAsync(Url(1));
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong example", Exact = true }).ClickAsync();
        await page.GetByLabel("Address of a picture").FillAsync(Url(2));
        await page.GetByRole(AriaRole.Button, new() { Name = "Right example", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "Dog" })).ToContainTextAsync("A dog has a tail.");
        await Expect(page.Locator(".guidance-pictures img")).ToHaveCountAsync(2);
        Assert.Equal($"{Url(2)} / {Url(1)}", await SidesAsync(job));
        await page.ReloadAsync();
        await Expect(page.GetByLabel("How to tell Dog")).ToHaveValueAsync("A dog has a tail.\nA wolf is no dog.");
        await Expect(page.Locator(".guidance-pictures img")).ToHaveCountAsync(2);
        await page.AssertGoodAsync($"console-guidance-{screen}");

        await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/console/jobs/{job}/settings").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Change: Worker page" }).ClickAsync();
        await page.GetByLabel("Instructions").FillAsync("Look at the whole picture.");
        await page.GetByLabel("Tell workers after a batch how they did on its gold").CheckAsync();
        await Expect(page.GetByText("measures them less")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-work-{screen}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();
        await Expect(page.GetByText("“Look at the whole picture.”; workers are told how they did on gold")).ToBeVisibleAsync();
        Assert.Equal("Look at the whole picture.", (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("work").String("instructions"));
    }

    private static string Url(int number) => string.Create(CultureInfo.InvariantCulture, $"s3://bulkqa/images/console/{number}.svg");

    private async Task<string> MakeAsync()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 2 });
        foreach (var number in Enumerable.Range(0, 6)) await api.WriteObjectAsync(Url(number), Drawn.SvgCircle);
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 6).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Url(number)},Dog,{90 - number}\n"))));
        return job;
    }

    private async Task<string> SidesAsync(string job)
    {
        var said = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/guidance?label=Dog")).Items().First();
        return $"{string.Join(',', said.Items("right").Select(url => url.GetString()))} / {string.Join(',', said.Items("wrong").Select(url => url.GetString()))}";
    }
}

using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>The pictures of a job in the console, in a browser.</summary>
public sealed class PicturesPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Card = ".picture";
    private static readonly string[] _answers = ["ann", "bob"];

    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    [Fact]
    public async Task Pictures_OfAJobWithThousands_AreSeenByScrollingWithFewInThePage()
    {
        var job = await MakeAsync(2_000);
        var page = await OpenAsync(job);
        await Expect(page.GetByText("2,000 images", new() { Exact = true })).ToBeVisibleAsync();
        await page.EvaluateAsync("""
            new Promise(done => {
              const scroll = document.querySelector('.picture-scroll');
              const step = () => document.querySelector('[data-place="1999"]') ? done() : (scroll.scrollTop = scroll.scrollHeight, setTimeout(step, 30));
              step();
            })
            """);
        Assert.InRange(await page.Locator(Card).CountAsync(), 1, 150);
        await page.EvaluateAsync("document.querySelector('.picture-scroll').scrollTop = 0");
        await Expect(page.Locator("[data-place='0']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pictures_DecidedByKeys_AreDecidedInTheJobAndUndone()
    {
        var job = await MakeAsync(12);
        var page = await OpenAsync(job, "?sort=confidence");
        await page.Locator("[data-place='0'] .picture-open").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("s3://bulkqa/images/console/0.svg")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("c");
        // On to the next.
        await Expect(dialog.GetByText("s3://bulkqa/images/console/1.svg")).ToBeVisibleAsync();
        Assert.Equal("Confirmed", await AdjudicationAsync(job, 0));
        await dialog.GetByLabel("Right label").FillAsync("Cat");
        await dialog.GetByLabel("Note").FillAsync("dc ears");
        await page.Keyboard.PressAsync("Tab");
        await Expect(dialog.GetByText("s3://bulkqa/images/console/1.svg")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Disconfirm" }).ClickAsync();
        await Expect(dialog.GetByText("s3://bulkqa/images/console/2.svg")).ToBeVisibleAsync();
        var decided = await ImageAsync(job, 1);
        Assert.Equal(("Disconfirmed", "Cat", "dc ears"), (decided.String("verdict"), decided.String("rightLabel"), decided.String("note")));
        await page.Keyboard.PressAsync("u");
        await Expect(page.GetByText("Undone")).ToBeVisibleAsync();
        Assert.Null(await AdjudicationAsync(job, 1));
        Assert.Contains("image=", page.Url, StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator("[data-place='2'] .picture-open")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("[data-place='3'] .picture-open")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("d");
        await Expect(page.Locator("[data-place='3']")).ToContainTextAsync("Disconfirmed ✓");
    }

    [Fact]
    public async Task Pictures_SearchedByAddress_AreThoseThatHaveTheText()
    {
        var job = await MakeAsync(30);
        var page = await OpenAsync(job, "?sort=confidence");
        await page.GetByLabel("Address").FillAsync("Console/2");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("11 images", new() { Exact = true })).ToBeVisibleAsync();
        Assert.EndsWith("?text=Console%2F2", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "All images" }).ClickAsync();
        await Expect(page.GetByText("30 images", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pictures_ManySelected_AreDecidedTogetherAndGoIntoAJobOfTheirOwn()
    {
        var job = await MakeAsync(12);
        var page = await OpenAsync(job, "?sort=confidence");
        await page.Locator("[data-place='1'] .picture-choose").ClickAsync();
        await page.Locator("[data-place='4'] .picture-choose").ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(page.GetByText("4 selected")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Follow-up job" }).ClickAsync();
        await page.GetByLabel("Name of the job").FillAsync($"{job}-b");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the job" }).ClickAsync();
        await page.WaitForURLAsync($"**/console/jobs/{job}-b");
        Assert.Equal(4, (await api.Http.GetJsonAsync($"/v1/jobs/{job}-b")).Int("images"));

        await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/console/jobs/{job}/pictures").ToString());
        await page.WaitForSelectorAsync(Card);
        await page.GetByRole(AriaRole.Button, new() { Name = "Select all" }).ClickAsync();
        await Expect(page.GetByText("12 selected")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(page.GetByText("12 images: Confirmed")).ToBeVisibleAsync();
        Assert.Equal(12, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("adjudicated"));
        await page.Locator(".mud-snackbar").GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByText("12 undone")).ToBeVisibleAsync();
        Assert.Equal(0, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("adjudicated"));
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Pictures_GalleryAndOneLarge_AreReadableOnEachScreen(int width, bool isDark)
    {
        var job = await MakeAsync(30);
        await api.Http.VoteAsync(job, from number in Enumerable.Range(0, 9) from worker in _answers select (object)new { imageUrl = Url(number), label = "Dog", workerId = worker, confirmed = number % 3 != 0 || (worker == "ann" && number % 2 == 0) });
        var screen = string.Create(CultureInfo.InvariantCulture, $"{width}-{(isDark ? "dark" : "light")}");
        var page = await OpenAsync(job, "", width, isDark);
        await page.Locator("[data-place='1'] .picture-choose").ClickAsync();
        await Expect(page.GetByText("1 selected")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-pictures-{screen}");
        await page.Locator("[data-place='1'] .picture-open").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText("ann", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText("Confirmed as Dog")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-picture-{screen}");
    }

    private static string Url(int number) => string.Create(CultureInfo.InvariantCulture, $"s3://bulkqa/images/console/{number}.svg");

    private async Task<string> MakeAsync(int count)
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 2 });
        foreach (var number in Enumerable.Range(0, Math.Min(count, 30))) await api.WriteObjectAsync(Url(number), Drawn.SvgCircle);
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Url(number)},Dog,{100 - (number / 50.0)}\n"))));
        return job;
    }

    private Task<IPage> OpenAsync(string job, string query = "", int width = 1_440, bool isDark = false) =>
        browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}/pictures{query}", width, isDark, Card);

    private async Task<System.Text.Json.JsonElement> ImageAsync(string job, int number) =>
        (await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url={Uri.EscapeDataString(Url(number))}&label=Dog")).GetProperty("adjudication");

    private async Task<string?> AdjudicationAsync(string job, int number) => await ImageAsync(job, number) is { ValueKind: System.Text.Json.JsonValueKind.Object } decided ? decided.String("verdict") : null;
}

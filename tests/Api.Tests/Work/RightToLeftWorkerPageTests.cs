using System.Net.Http.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Pages that are written from right to left, and what people named in the other direction than the page's.</summary>
public sealed class RightToLeftWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string English = "Dog (small)!";
    private const string Arabic = "كلب (صغير)!";

    public static TheoryData<string, string, int, bool> Screens => new(
        from language in (string[])["ar", "en"] from label in (string[])[English, Arabic] from width in (int[])[1_440, 390] from isDark in (bool[])[false, true] select (language, label, width, isDark));

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Label_InEitherDirection_ReadsRightOnThePageOfAJob(string language, string label, int width, bool isDark)
    {
        var job = await WorkerJobs.CreateAsync(api, 5, label, broken: 4);
        var page = await OpenAsync(job, language, width, isDark);
        Assert.Equal(language == "ar" ? "rtl" : "ltr", await page.EvaluateAsync<string>("document.documentElement.dir"));
        await page.AssertGoodAsync($"worker-{language}-{(label == English ? "english" : "arabic")}-{width}{(isDark ? "-dark" : "")}");
        // Each letter beside the one before, and what closes it at its end.
        foreach (var text in (string[])["crowd-form h1", "crowd-form p"])
        {
            var places = await page.PlacesAsync(text, label);
            Assert.Equal(label.Length, places.Length);
            Assert.Equal(label == English ? places.Order() : places.OrderDescending(), places);
        }
    }

    [Fact]
    public async Task Arabic_Batch_IsAnsweredFromRightToLeft()
    {
        var job = await WorkerJobs.CreateAsync(api, 15, Arabic);
        const string Instructions = "Untick what is no dog (of any size).";
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { work = new { instructions = Instructions } }, TestContext.Current.CancellationToken)).JsonAsync();
        var page = await OpenAsync(job, "ar", 1_440, isDark: false);
        // What a lead wrote in another language reads as it was written.
        var places = await page.PlacesAsync(".guidance .text", Instructions);
        Assert.Equal(places.Order(), places);
        var cards = page.Locator("crowd-card");
        var (first, second) = ((await cards.Nth(0).BoundingBoxAsync())!, (await cards.Nth(1).BoundingBoxAsync())!);
        Assert.True(first.X > second.X, $"the first is at {first.X}, the second at {second.X}");
        var larger = (await cards.Nth(0).Locator(".larger").BoundingBoxAsync())!;
        Assert.True(larger.X < first.X + (first.Width / 2), "what enlarges a picture is at its end");
        // Arrows go where they point; letters are those of the keys, whatever these type.
        await cards.Nth(0).FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(cards.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(cards.Nth(1)).ToBeFocusedAsync();
        await page.EvaluateAsync("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ف', code: 'KeyT', bubbles: true }))");
        await Assertions.Expect(cards.Nth(1)).ToHaveClassAsync("unsure");
        await Assertions.Expect(cards.Nth(1)).ToHaveAttributeAsync("aria-label", "كلب (صغير)!، الصورة 2 من 12, لا أعرف");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".sent")).ToContainTextAsync("تم الحفظ.");
        await Assertions.Expect(page.GetByText("الدفعة 2 من 2", new() { Exact = true })).ToBeVisibleAsync();
        await page.ShownAsync();
        await page.AssertGoodAsync("worker-ar-second");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("لم يبقَ شيء لك")).ToBeVisibleAsync();
        await page.AssertGoodAsync("worker-ar-done");
    }

    /// <summary>A job's own template stays in its language: its paragraphs read as they are written, and the page keeps its direction.</summary>
    [Fact]
    public async Task Template_InEnglishOnAnArabicPage_ReadsFromLeftToRight()
    {
        const string Template = """
            <crowd-form><p>Untick what is no dog (of any size).</p>{% for image in task.input.sourceRef %}
            <crowd-card><img src="{{ image.s3_image_url | grant_read_access }}" alt=""><crowd-checkbox name="{{ image.label }}-{{ forloop.index0 }}" value="Confirmed" checked>Dog</crowd-checkbox></crowd-card>
            {% endfor %}</crowd-form>
            """;
        var job = await WorkerJobs.CreateAsync(api, 3, English);
        await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(Template, "text/html"), TestContext.Current.CancellationToken);
        var page = await OpenAsync(job, "ar", 1_440, isDark: false);
        var places = await page.PlacesAsync("crowd-form p", "(of any size).");
        Assert.Equal(14, places.Length);
        Assert.Equal(places.Order(), places);
        Assert.Equal("rtl", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('crowd-form')).direction"));
    }

    private async Task<IPage> OpenAsync(string job, string language, int width, bool isDark)
    {
        var page = await browser.OpenAsync();
        await page.SetExtraHTTPHeadersAsync([KeyValuePair.Create("Accept-Language", language)]);
        await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
        await page.SetViewportSizeAsync(width, 900);
        await page.OpenAsync(api, job, "ann");
        return page;
    }
}

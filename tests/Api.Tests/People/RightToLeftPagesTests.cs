using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>The pages around a worker's work, in languages that are written from right to left.</summary>
public sealed class RightToLeftPagesTests(SignInProcess process, Browser browser) : IClassFixture<SignInProcess>, IClassFixture<Browser>
{
    [Theory]
    [InlineData("ar", 1_440, false)]
    [InlineData("ur", 390, true)]
    public async Task Pages_OfAWorkerWhoChoseALanguage_AreGoodInIt(string language, int width, bool isDark)
    {
        var job = await process.Operator.Http.CreateJobAsync(new { assignment = new { deadline = "2030-05-03T14:05:00Z" } });
        await process.Operator.Http.ImportAsync(job, "a.jpg,Dog,90");
        await process.Operator.Http.CreateJobAsync(new { assignment = new { minExperience = 5 } });
        var page = await browser.OpenAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(await process.Operator.InviteAsync(new { role = "worker" }))}");
        await page.FillAsync("[name=name]", "Ann (night)");
        await page.FillAsync("[name=signInName]", $"ann-{language}@example.org");
        await page.FillAsync("[name=password]", SignedIn.Password);
        await page.ClickAsync("text=Create the account");
        await page.ClickAsync("text=Ann (night)");
        await page.SelectOptionAsync("#language", language);
        await page.ClickAsync("form[action='/me/language'] button");
        await LookAsync("me");
        // "Chrome on Linux" in Arabic, and "Linux on Chrome" word by word in Urdu: what comes first is on the right.
        var (browserAt, systemAt) = ((await page.PlacesAsync("#sessions strong", "Chrome"))[0], (await page.PlacesAsync("#sessions strong", "Linux"))[0]);
        Assert.Equal(language == "ar", browserAt > systemAt);
        await page.GotoAsync(new Uri(Site, "/work").ToString());
        await LookAsync("work");
        await page.GotoAsync(new Uri(Site, "/me/work").ToString());
        await LookAsync("own-work");

        async Task LookAsync(string name)
        {
            await Assertions.Expect(page.Locator($"html[lang={language}][dir=rtl]")).ToHaveCountAsync(1);
            await page.AssertGoodAsync($"{name}-{language}-{width}");
        }
    }

    private Uri Site => new($"http://localhost:{process.Address.Port}");
}

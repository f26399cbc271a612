using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>How somebody makes a job in the console, in a browser.</summary>
public sealed class NewJobTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const int Images = 12;

    public static TheoryData<int, bool> Screens => ConsolePages.Screens;

    /// <summary>Fractions, other names of columns, another delimiter, a folder that the zip does not have, and a line that can't be read.</summary>
    [Fact]
    public async Task NewJob_FromACsvAndAZipOfPictures_IsThereForWorkers()
    {
        var (page, name) = await OpenAsync();
        await page.TakeAsync("Corpus", $"{name}.csv", Encoding.UTF8.GetBytes(Corpus("pictures/") + "pictures/13.png;Dog;many\n"));
        await Expect(page.GetByText("12 of the first 13 records would be taken.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Name of the job")).ToHaveValueAsync(name);
        await Expect(page.GetByText("they are taken from 0 to 1")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "pictures/1.png" })).ToContainTextAsync("97 %");
        await page.NextAsync("Pictures");
        var zip = await Uploads.Zip([.. Enumerable.Range(1, Images).Select(number => ($"{number}.png", Drawn.Halves(40 + number, 30, ".png")))]).ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        await page.TakeAsync("Pictures", "all.zip", zip);
        await Expect(page.GetByText("10 of the first 10 paths of the corpus are among these pictures, once they are put below pictures/")).ToBeVisibleAsync();
        await page.NextAsync("Checking");
        await page.GetByLabel("Decide each class against a target").CheckAsync();
        await Expect(page.GetByText("That needs reviews in random order, which is set.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the job" }).ClickAsync();
        await Expect(page.GetByText("The job is ready")).ToBeVisibleAsync();
        await page.AssertGoodAsync("console-new-done");
        await page.SetViewportSizeAsync(390, 900);
        await page.AssertGoodAsync("console-new-done-390");

        var job = await api.Http.GetJsonAsync($"/v1/jobs/{name}");
        Assert.Equal((Images, $"s3://bulkqa/images/{name}/"), (job.Int("images"), job.String("imageBase")));
        Assert.StartsWith("random(", job.String("order"), StringComparison.Ordinal);
        Assert.Equal(0.1, (await api.Http.GetJsonAsync($"/v1/jobs/{name}/target")).GetProperty("maxIncorrectPerCorrect").GetDouble());
        using var picture = await api.Http.GetPictureAsync(name, $"s3://bulkqa/images/{name}/pictures/7.png");
        Assert.True(picture.IsSuccessStatusCode);
        await Expect(page.GetByLabel("Worker link")).ToHaveValueAsync(new Uri(api.Http.BaseAddress!, $"/work/{name}").ToString());
        await Expect(page.GetByAltText($"QR code of {new Uri(api.Http.BaseAddress!, $"/work/{name}")}")).ToBeVisibleAsync();
        await page.GetByText("Rejected lines").ClickAsync();
        await Expect(page.Locator("details[open]").GetByText("Line 14:")).ToBeVisibleAsync();
        var report = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Import as text" }).ClickAsync());
        Assert.Contains("line 14: ", await File.ReadAllTextAsync(await report.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewJob_CutOffWhileItIsImported_GoesOnFromThere()
    {
        var (page, name) = await OpenAsync();
        await page.TakeAsync("Corpus", $"{name}.csv", Encoding.UTF8.GetBytes(Corpus("")));
        await Expect(page.GetByText("12 of the first 12 records would be taken.")).ToBeVisibleAsync();
        await page.NextAsync("Pictures");
        await page.NextAsync("Checking");
        await page.GetByText("More settings").ClickAsync();
        await page.GetByLabel("Bucket edges").FillAsync("100, 80");
        await page.GetByLabel("Bucket edges").BlurAsync();
        var create = page.GetByRole(AriaRole.Button, new() { Name = "Create the job" });
        await create.ClickAsync();
        // REST's words, where the field is.
        await Expect(page.GetByText("must ascend").First).ToBeVisibleAsync();
        await page.GetByLabel("Bucket edges").FillAsync("50, 80, 100");
        await page.GetByLabel("Bucket edges").BlurAsync();
        var tries = 0;
        await page.RouteAsync("**/items?*", route => ++tries == 1 ? route.AbortAsync() : route.ContinueAsync());
        await create.ClickAsync();
        await Expect(page.GetByText("The connection broke.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.GetByText("The job is ready")).ToBeVisibleAsync();
        Assert.Equal((2, Images), (tries, (await api.Http.GetJsonAsync($"/v1/jobs/{name}")).Int("images")));
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task NewJob_EachStepOnEachScreen_IsReadable(int width, bool isDark)
    {
        var (page, name) = await OpenAsync(width, isDark);
        var screen = string.Create(CultureInfo.InvariantCulture, $"{width}-{(isDark ? "dark" : "light")}");
        await page.TakeAsync("Corpus", $"{name}.csv", Encoding.UTF8.GetBytes(Corpus("a/rather/long/path/that/has/to/be/broken/somewhere/") + "x;;\n"));
        await Expect(page.GetByText("12 of the first 13 records would be taken.")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-new-corpus-{screen}");
        await page.NextAsync("Pictures");
        await page.TakeAsync("Pictures", "other.png", Drawn.Halves(40, 30, ".png"));
        await Expect(page.GetByText("0 of the first 10 paths")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-new-pictures-{screen}");
        await page.NextAsync("Checking");
        await page.GetByLabel("Decide each class against a target").CheckAsync();
        await page.GetByText("More settings").ClickAsync();
        await Expect(page.GetByLabel("Bucket edges")).ToBeVisibleAsync();
        await page.AssertGoodAsync($"console-new-checking-{screen}");
    }

    private static string Corpus(string folder) =>
        "filename;class;score\n" + string.Concat(Enumerable.Range(1, Images).Select(number => $"{folder}{number}.png;{(number % 2 == 0 ? "Cat" : "Dog")};0.{98 - number}\n"));

    private async Task<(IPage Page, string Name)> OpenAsync(int width = 1_440, bool isDark = false) =>
        (await browser.OpenConsoleAsync(api.Http, "/console/new", width, isDark, ".newjob-choose:has(input:not([disabled]))"), $"shelf-{Guid.NewGuid():N}");
}

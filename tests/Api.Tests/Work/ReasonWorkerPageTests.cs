using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>A worker reads why a picture isn't there, and can tell somebody who mends it.</summary>
public sealed class ReasonWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Heic = "is HEIC, which browsers don't show and which can't be converted here; convert it to JPEG.";
    private const string TooLarge = "has 200 megapixels, and 64 is the most that is shown; make it smaller.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_200, ColorScheme.Light)]
    [InlineData(1_200, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Picture_ThatTheServiceDoesNotShow_SaysWhyInTheCard(int width, ColorScheme scheme)
    {
        var job = await CreateAsync(("a.heic", "anything"u8.ToArray()), ("b.png", Drawn.HugePng(20_000, 10_000)), ("c.png", null), ("d.png", Drawn.Halves(96, 96, ".png")));
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 850);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        var asked = new List<string>();
        page.Request += (_, request) => asked.AddRange(IsOfAPicture(request) ? [request.Url] : (string[])[]);
        await page.OpenAsync(api, job, "ann");
        var notes = page.Locator("crowd-card.failed .note span");
        await Assertions.Expect(notes).ToHaveTextAsync([$"The picture {Heic}", $"The picture {TooLarge}", $"There is no picture at {PictureJobs.BaseOf(job)}c.png."]);
        await Assertions.Expect(page.Locator("crowd-card.failed").First).ToHaveAttributeAsync("aria-label", $"Dog, picture 1 of 4, can't be shown: The picture {Heic}");
        await Browser.ScreenshotAsync(page, $"worker-reason-{width}-{scheme}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('crowd-card .note')].every(note => note.scrollHeight <= note.clientHeight + 1 && note.scrollWidth <= note.clientWidth + 1)"));
        Assert.Equal(3, asked.Count);
    }

    /// <summary>However often it fails, and whatever the answer is.</summary>
    [Fact]
    public async Task Picture_ThatFailsAgain_IsAskedForOnceAndItsReasonGoesOnceItComes()
    {
        var job = await CreateAsync(("a.png", null), ("b.png", Drawn.Halves(96, 96, ".png")));
        var page = await browser.OpenAsync();
        var asked = 0;
        page.Request += (_, request) => asked += IsOfAPicture(request) ? 1 : 0;
        await page.OpenAsync(api, job, "ann");
        var note = page.Locator("crowd-card.failed .note span");
        await Assertions.Expect(note).ToContainTextAsync("There is no picture at");
        await page.EvaluateAsync("""
            async () => {
              const picture = document.querySelector('crowd-card.failed img');
              for (let again = 0; again < 5; again++) {
                const failed = new Promise(resolve => picture.addEventListener('error', resolve, { once: true }));
                picture.src = picture.src;
                await failed;
              }
            }
            """);
        Assert.Equal(1, asked);
        await File.WriteAllBytesAsync(Path.Combine(PictureJobs.FolderOf(api, job), "a.png"), Drawn.Halves(96, 96, ".png"), Cancellation);
        await page.EvaluateAsync("() => { const picture = document.querySelector('crowd-card.failed img'); picture.src = picture.src; }");
        await Assertions.Expect(page.Locator("crowd-card.failed")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("crowd-card").First).ToHaveAttributeAsync("aria-label", "Dog, picture 1 of 2, confirmed");
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("text/html", "<h1>Sign in</h1>")]
    [InlineData("application/problem+json", "{\"title\":\"Gone\"}")]
    [InlineData("application/problem+json", "{\"detail\":{\"a\":1}}")]
    [InlineData("application/problem+json", "gone")]
    public async Task Picture_WhoseAnswerSaysNothing_KeepsTheGeneralSentence(string type, string body)
    {
        var job = await CreateAsync(("a.png", null), ("b.png", Drawn.Halves(96, 96, ".png")));
        var page = await browser.OpenAsync();
        var asked = page.WaitForResponseAsync(response => IsOfAPicture(response.Request));
        await page.RouteAsync("**/picture?*a.png*", route => route.FulfillAsync(new() { Status = 404, ContentType = type, Body = body }));
        await page.OpenAsync(api, job, "ann");
        await asked;
        await page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        await Assertions.Expect(page.Locator("crowd-card.failed .note")).ToHaveTextAsync("Can't be showncounts as not seen");
    }

    /// <summary>Pages ask no stranger for more than the picture.</summary>
    [Fact]
    public async Task Picture_OfAnotherHost_IsNotAskedForAgain()
    {
        var job = await PictureJobs.CreateAsync(api, new { batchSize = 2, pictureHosts = (string[])["pictures.example.org"] });
        Directory.CreateDirectory(PictureJobs.FolderOf(api, job));
        await File.WriteAllBytesAsync(Path.Combine(PictureJobs.FolderOf(api, job), "b.png"), Drawn.Halves(96, 96, ".png"), Cancellation);
        await api.Http.ImportAsync(job, "https://pictures.example.org/a.png,Dog,90\nb.png,Dog,90");
        var page = await browser.OpenAsync();
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add($"{request.ResourceType} {new Uri(request.Url).Host}{(IsOfAPicture(request) ? " of a picture" : "")}");
        await page.RouteAsync("https://pictures.example.org/**", route => route.FulfillAsync(new() { Status = 422, ContentType = "application/problem+json", Body = "{\"detail\":\"nobody's business\"}" }));
        await page.OpenAsync(api, job, "ann");
        await Assertions.Expect(page.Locator("crowd-card.failed .note")).ToHaveTextAsync("Can't be showncounts as not seen");
        Assert.Equal(["image pictures.example.org"], asked.Where(request => !request.Contains(" 127.0.0.1", StringComparison.Ordinal)));
        Assert.DoesNotContain("fetch 127.0.0.1 of a picture", asked);
    }

    /// <summary>Asked for by a script, and not to be shown.</summary>
    private static bool IsOfAPicture(IRequest request) => request.ResourceType == "fetch" && request.Url.Contains("/picture?", StringComparison.Ordinal);

    /// <summary>A job of one batch with pictures of these names; those without content are not there.</summary>
    private async Task<string> CreateAsync(params (string Name, byte[]? Content)[] pictures)
    {
        var job = await PictureJobs.CreateAsync(api, new { batchSize = WorkerJobs.BatchSize });
        Directory.CreateDirectory(PictureJobs.FolderOf(api, job));
        foreach (var (name, content) in pictures)
            if (content is not null) await File.WriteAllBytesAsync(Path.Combine(PictureJobs.FolderOf(api, job), name), content, Cancellation);
        await api.Http.ImportAsync(job, string.Join('\n', pictures.Select(picture => $"{picture.Name},Dog,90")));
        return job;
    }
}

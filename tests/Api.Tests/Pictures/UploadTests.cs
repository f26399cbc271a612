using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

public sealed class UploadTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Names to the letter: what a form, a file system and a URL each write in another way.</summary>
    [Theory]
    [InlineData("plain.png")]
    [InlineData("deep/er/with blank.png")]
    [InlineData("plus+and&ampersand.png")]
    [InlineData("50%25 percent.png")]
    [InlineData("hash#question?.png")]
    [InlineData("composed \u00e9.png")]
    [InlineData("decomposed e\u0301.png")]
    [InlineData("犬 🐕.png")]
    [InlineData("quote'.png")]
    [InlineData(".hidden.png")]
    public async Task Files_NamesOfEveryKind_AreStoredAndServedToTheLetter(string name)
    {
        var job = await JobAsync();
        var picture = Drawn.Halves(40, 30, ".png");
        Assert.Equal((1, 0, 0, 0), (await api.Http.UploadAsync(job, Uploads.Form((name, picture)))).Counts());
        Assert.Equal(picture, await (await api.Http.GetPictureAsync(job, $"{BaseOf(job)}{name}")).Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal((0, 1, 0, 0), (await api.Http.UploadAsync(job, Uploads.Zip((name, picture)))).Counts());
        // What a corpus calls so is what was uploaded.
        await api.Http.ImportAsync(job, System.Text.Json.JsonSerializer.Serialize(new { image_local_path = name, label = "Dog", confidence = 90 }), "application/x-ndjson");
        var url = Assert.Single((await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items()).String("imageUrl");
        Assert.Equal(picture, await (await api.Http.GetPictureAsync(job, url, "&size=512")).Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Form_WithABoundaryThatIsTooLong_Is400()
    {
        using var form = new ByteArrayContent([]);
        Assert.True(form.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={new string('x', 5_000)}"));
        Assert.Contains("boundary", await (await api.Http.PostAsync($"/v1/jobs/{await JobAsync()}/pictures", form, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    /// <summary>macOS takes names apart; a corpus written elsewhere has them composed.</summary>
    [Theory]
    [InlineData("caf\u00e9.png", "cafe\u0301.png")]
    [InlineData("cafe\u0301.png", "caf\u00e9.png")]
    public async Task Picture_AskedForInAnotherNormalForm_IsFound(string stored, string asked)
    {
        var job = await JobAsync();
        await api.Http.UploadAsync(job, Uploads.Form((stored, Drawn.Halves(40, 30, ".png"))));
        Assert.Equal(HttpStatusCode.OK, (await api.Http.GetPictureAsync(job, $"{BaseOf(job)}{asked}")).StatusCode);
    }

    [Fact]
    public async Task Files_OfEveryFormat_AreTakenUnderNamesThatSaySo()
    {
        var job = await JobAsync();
        var files = new (string, byte[])[]
        {
            ("a.jpg", Drawn.Halves(40, 30, ".jpg")), ("a.JPEG", Drawn.Halves(40, 30, ".jpg")), ("a.png", Drawn.Halves(40, 30, ".png")), ("a.gif", Drawn.Halves(40, 30, ".gif")),
            ("a.webp", Drawn.Halves(40, 30, ".webp")), ("a.avif", Drawn.Halves(40, 30, ".avif")), ("a.tif", Drawn.Halves(40, 30, ".tif")), ("a.tiff", Drawn.Halves(40, 30, ".tif")),
            ("a.bmp", Bmp()), ("a.svg", Uploads.Svg),
        };
        var summary = await api.Http.UploadAsync(job, Uploads.Form(files));
        Assert.True(summary.Counts() == (files.Length, 0, 0, 0), summary.ToString());
    }

    [Fact]
    public async Task Files_SomeBad_AreRejectedByNameAndTheRestIsStored()
    {
        var job = await JobAsync();
        var png = Drawn.Halves(40, 30, ".png");
        (string Name, byte[] Content, string Reason)[] bad =
        [
            ("mismatch.jpg", png, "is named like JPEG, and is PNG"),
            ("page.png", "<html><body>no"u8.ToArray(), "its content is no picture"),
            ("empty.png", [], "is empty"),
            ("cut.png", png[..20], "can't be decoded"),
            ("run.exe", png, "no picture by its name"),
            ("nothing", png, "no picture by its name"),
            ("inner.png", [.. "PK"u8, 3, 4, 0], "is a zip, whatever its name says"),
            ("phone.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8], "convert it to JPEG"),
            ("huge.png", Drawn.HugePng(20_000, 10_000), "has 200 megapixels, and 64 is the most"),
            ("../out.png", png, "has a part '..'"),
            ("/root.png", png, "begins with '/'"),
            ("a//b.png", png, "has '//'"),
            ("a\\b.png", png, "has a backslash"),
            ($"{new string('n', 260)}.png", png, "a name of more than 255"),
            ("script.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray(), "has a <script>"),
            ("deep.svg", Encoding.UTF8.GetBytes($"<svg xmlns='http://www.w3.org/2000/svg'>{string.Concat(Enumerable.Repeat("<g>", 1_100))}"), "nests elements more than 1000 deep"),
            ("handler.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray(), "has a script in onload"),
            ("link.svg", "<svg xmlns='http://www.w3.org/2000/svg'><a href=' java\nscript:alert(1)'><text>x</text></a></svg>"u8.ToArray(), "has a script in href"),
            ("foreign.svg", "<svg xmlns='http://www.w3.org/2000/svg'><foreignObject/></svg>"u8.ToArray(), "has a <foreignObject>"),
            ("laughs.svg", Encoding.UTF8.GetBytes(BillionLaughs()), "is no SVG that can be read"),
        ];
        var summary = await api.Http.UploadAsync(job, Uploads.Form([("first.png", png), .. bad.Select(file => (file.Name, file.Content)), ("last.png", png), ("first.png", png)]));
        Assert.True(summary.Counts() == (2, 0, 0, bad.Length + 1), summary.ToString());
        foreach (var (name, _, reason) in bad) Assert.Contains(reason, summary.ReasonOf(name.Length > 200 ? $"{name[..200]}…" : name), StringComparison.Ordinal);
        Assert.Contains("comes twice", summary.ReasonOf("first.png"), StringComparison.Ordinal);
        Assert.Equal(["first.png", "last.png"], StoredOf(job));
    }

    [Fact]
    public async Task Picture_ThatIsThere_IsOnlyReplacedWhereTheCallerSaysSo()
    {
        var job = await JobAsync();
        var (first, second) = (Drawn.Halves(40, 30, ".png"), Drawn.Halves(50, 30, ".png"));
        await api.Http.UploadAsync(job, Uploads.Form(("a.png", first)));
        var again = await api.Http.UploadAsync(job, Uploads.Form(("a.png", second)));
        Assert.Equal((0, 0, 0, 1), again.Counts());
        Assert.Contains("replace=true", again.ReasonOf("a.png"), StringComparison.Ordinal);
        Assert.Equal(first, await (await api.Http.GetPictureAsync(job, $"{BaseOf(job)}a.png")).Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal((1, 0, 0, 0), (await api.Http.UploadAsync(job, Uploads.Form(("a.png", second)), "?replace=true")).Counts());
        Assert.Equal(second, await (await api.Http.GetPictureAsync(job, $"{BaseOf(job)}a.png")).Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Folder_BelowTheBase_TakesThePictures()
    {
        var job = await JobAsync();
        await api.Http.UploadAsync(job, Uploads.Form(("a.svg", Uploads.Svg)), "?folder=2026/june 1");
        await api.Http.UploadAsync(job, Uploads.Zip(("x/b.svg", Uploads.Svg)), "?folder=2026/");
        Assert.Equal(["2026/june 1/a.svg", "2026/x/b.svg"], StoredOf(job));
        foreach (var folder in (string[])["..", "/a", "a//b", "a\\b", "./a"])
            await (await api.Http.PostAsync($"/v1/jobs/{job}/pictures?folder={Uri.EscapeDataString(folder)}", Uploads.Form(("a.svg", Uploads.Svg)), Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Upload_OfNoKindThatIsTaken_SaysWhatIs()
    {
        var job = await JobAsync();
        await (await PostAsync(job, HttpExtensions.Text("x", "image/png"))).ProblemAsync(415);
        await (await PostAsync(job, Uploads.AsZip("no zip at all"u8.ToArray()))).ProblemAsync(400);
        await (await PostAsync(job, Uploads.Form())).ProblemAsync(400);
        await (await PostAsync(job, Uploads.Form([("other", "x")], ("a.svg", Uploads.Svg)))).ProblemAsync(400);
        var cut = new ByteArrayContent("------boundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.svg\"\r\n\r\n<svg"u8.ToArray());
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=----boundary7MA4YWxkTrZu0gW");
        Assert.Contains("can't be read to its end", await (await PostAsync(job, cut)).ProblemAsync(400), StringComparison.Ordinal);
        await (await PostAsync("no-such-job", Uploads.Form(("a.svg", Uploads.Svg)))).ProblemAsync(404);
        await api.Http.PatchAsync($"/v1/jobs/{job}", JsonContent.Create(new { state = "closed" }), Cancellation);
        await (await PostAsync(job, Uploads.Form(("a.svg", Uploads.Svg)))).ProblemAsync(409);
        Assert.Empty(StoredOf(job));
    }

    [Theory]
    [InlineData(1_200, ColorScheme.Light)]
    [InlineData(1_200, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Form_InABrowser_StoresWhatIsGoodAndNamesTheRest(int width, ColorScheme scheme)
    {
        var job = await JobAsync();
        await api.Http.ImportAsync(job, "in a zip/é 1.png,Dog,90\nalone +1.png,Dog,91");
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 850);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.GotoAsync($"{api.Http.BaseAddress}jobs/{job}");
        await Browser.ScreenshotAsync(page, $"upload-form-{width}-{scheme}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        var png = Drawn.Halves(400, 300, ".png");
        await page.Locator("#upload input[type=file]").SetInputFilesAsync(
        [
            new FilePayload { Name = "alone +1.png", MimeType = "image/png", Buffer = png },
            new FilePayload { Name = "more.zip", MimeType = "application/zip", Buffer = await Uploads.Zip(("in a zip/é 1.png", png), ("in a zip/", []), ("notes.txt", png)).ReadAsByteArrayAsync(Cancellation) },
        ]);
        await page.Locator("#upload button").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("2 pictures stored, 1 not");
        await Assertions.Expect(page.Locator("#rejected")).ToContainTextAsync("notes.txt");
        await Browser.ScreenshotAsync(page, $"upload-done-{width}-{scheme}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Equal(["alone +1.png", "in a zip/é 1.png"], StoredOf(job));
        await page.GotoAsync($"{api.Http.BaseAddress}jobs/{job}/images");
        await page.WaitForFunctionAsync("() => document.images.length === 2 && [...document.images].every(img => img.complete && img.naturalWidth > 0)");
        await Browser.ScreenshotAsync(page, $"images-{width}-{scheme}");
    }

    /// <summary>Their fields, and none of a stranger's site.</summary>
    [Fact]
    public async Task Form_WithFieldsOrFromElsewhere_IsHeededOrRefused()
    {
        var job = await JobAsync();
        var form = Uploads.Form([("folder", "2026"), ("replace", "true")], ("a.svg", Uploads.Svg));
        Assert.Contains("1 picture stored", await (await api.Http.PostAsync($"/jobs/{job}/pictures", form, Cancellation)).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(["2026/a.svg"], StoredOf(job));
        using var foreign = new HttpRequestMessage(HttpMethod.Post, $"/jobs/{job}/pictures") { Content = Uploads.Form(("b.svg", Uploads.Svg)), Headers = { { "Origin", "https://evil.example" } } };
        await (await api.Http.SendAsync(foreign, Cancellation)).ProblemAsync(403);
        Assert.Equal(["2026/a.svg"], StoredOf(job));
    }

    /// <summary>Jobs have their own folder, so that tests don't meet.</summary>
    private Task<string> JobAsync() => PictureJobs.CreateAsync(api);

    private static string BaseOf(string job) => PictureJobs.BaseOf(job);

    private string[] StoredOf(string job) => PictureJobs.StoredOf(api, job);

    private Task<HttpResponseMessage> PostAsync(string job, HttpContent content) => api.Http.PostAsync($"/v1/jobs/{job}/pictures", content, Cancellation);

    private static string BillionLaughs() =>
        "<!DOCTYPE svg [<!ENTITY a 'ha'>" + string.Concat(Enumerable.Range(0, 20).Select(n => $"<!ENTITY {(char)('b' + n)} '{string.Concat(Enumerable.Repeat($"&{(char)('a' + n)};", 10))}'>"))
        + "]><svg xmlns='http://www.w3.org/2000/svg'><text>&u;</text></svg>";

    /// <summary>Two pixels, 24 bits each.</summary>
    private static byte[] Bmp() =>
    [
        (byte)'B', (byte)'M', 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 8, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0,
    ];
}

using System.Net;

namespace BulkQA.Api.Tests;

/// <summary>Pictures made small for cards, and converted where browsers show none.</summary>
public sealed class PreviewTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".jpg", 4_000, 3_000, 512, 384, "image/jpeg")]
    [InlineData(".jpg", 1_500, 3_000, 256, 512, "image/jpeg")]
    [InlineData(".jpg[interlace]", 2_000, 1_000, 512, 256, "image/jpeg")]
    [InlineData(".png[interlace]", 2_000, 1_000, 512, 256, "image/jpeg")]
    [InlineData(".webp[lossless]", 2_000, 1_000, 512, 256, "image/jpeg")]
    [InlineData(".tif", 2_000, 1_000, 512, 256, "image/jpeg")]
    public async Task Card_OfALargePicture_IsSmallAndTheOriginalStaysAsItIs(string format, int width, int height, int cardWidth, int cardHeight, string type)
    {
        var (job, name) = (await PictureJobs.CreateAsync(api), $"a{format.Split('[')[0]}");
        var picture = Drawn.Photo(width, height, 3, format.Contains('[', StringComparison.Ordinal) || format == ".tif" ? format : ".jpg[Q=90]");
        await UploadAsync(job, name, picture);
        var card = await CardAsync(job, name);
        Assert.Equal((cardWidth, cardHeight), Drawn.SizeOf(await card.Content.ReadAsByteArrayAsync(Cancellation)));
        Assert.Equal(type, card.Content.Headers.ContentType?.MediaType);
        Assert.InRange(card.Content.Headers.ContentLength!.Value, 1, 200_000);
        Assert.Contains("sandbox", card.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        if (format != ".tif") Assert.Equal(picture, await (await api.Http.GetPictureAsync(job, Url(job, name))).Content.ReadAsByteArrayAsync(Cancellation));
    }

    /// <summary>What shines through must not become black.</summary>
    [Fact]
    public async Task Card_OfAPictureThatShinesThrough_DoesSo()
    {
        var job = await PictureJobs.CreateAsync(api);
        await UploadAsync(job, "a.png", Drawn.Halves(3_000, 2_000, ".png", isClear: true));
        // A plain picture is a small file, and goes as it is where it has few pixels; this one has six million.
        var card = await CardAsync(job, "a.png");
        Assert.Equal("image/webp", card.Content.Headers.ContentType?.MediaType);
        using var image = NetVips.Image.NewFromBuffer(await card.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.True(image.HasAlpha());
        Assert.InRange(image.Getpoint(5, 5)[3], 120, 136);
    }

    /// <summary>Cameras and printers have colour spaces of their own; browsers know sRGB, and cards carry no profile.</summary>
    [Theory]
    [InlineData(".jpg", null)]
    [InlineData(".jpg", "p3")]
    [InlineData(".jpg", "cmyk")]
    [InlineData(".png", "p3")]
    [InlineData(".tif", "p3")]
    public async Task Card_OfAPictureInColoursOfItsOwn_IsInSrgb(string type, string? profile)
    {
        var job = await PictureJobs.CreateAsync(api);
        await UploadAsync(job, $"a{type}", Drawn.Halves(3_000, 2_000, type, profile: profile));
        using var card = NetVips.Image.NewFromBuffer(await (await CardAsync(job, $"a{type}")).Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal((3, NetVips.Enums.Interpretation.Srgb), (card.Bands, card.Interpretation));
        var (red, blue) = (card.Getpoint(100, 100), card.Getpoint(400, 100));
        // What is printed has paler colours.
        var most = profile == "cmyk" ? 100 : 12;
        Assert.All([220, 20, 20], (expected, band) => Assert.InRange(red[band], expected - most, expected + most));
        Assert.All([20, 20, 220], (expected, band) => Assert.InRange(blue[band], expected - most, expected + most));
    }

    [Fact]
    public async Task Card_OfASmallPicture_IsThePictureItself()
    {
        var job = await PictureJobs.CreateAsync(api);
        foreach (var (name, picture) in new (string, byte[])[] { ("a.jpg", Drawn.Halves(640, 480, ".jpg")), ("a.gif", Drawn.Halves(64, 48, ".gif")), ("a.svg", Uploads.Svg) })
        {
            await UploadAsync(job, name, picture);
            Assert.Equal(picture, await (await CardAsync(job, name)).Content.ReadAsByteArrayAsync(Cancellation));
        }
        Assert.Empty(PreviewsOf(job));
    }

    [Fact]
    public async Task Card_AskedForAgain_IsReadFromTheStore()
    {
        var job = await PictureJobs.CreateAsync(api);
        await CopyAsync(job, "a.jpg", Drawn.Photo(2_000, 1_500, 5));
        Assert.Empty(PreviewsOf(job));
        var cards = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await (await CardAsync(job, "a.jpg")).Content.ReadAsByteArrayAsync(Cancellation)));
        var kept = Assert.Single(PreviewsOf(job));
        Assert.All(cards, card => Assert.Equal(cards[0], card));
        // What lies there is what is served, and not made anew.
        var other = Drawn.Halves(8, 8, ".jpg");
        await File.WriteAllBytesAsync(kept, other, Cancellation);
        Assert.Equal(other, await (await CardAsync(job, "a.jpg")).Content.ReadAsByteArrayAsync(Cancellation));
        // Of another picture under the same name it is another.
        await api.Http.UploadAsync(job, Uploads.Form(("a.jpg", Drawn.Photo(1_000, 2_000, 6))), "?replace=true");
        Assert.Equal((256, 512), Drawn.SizeOf(await (await CardAsync(job, "a.jpg")).Content.ReadAsByteArrayAsync(Cancellation)));
        Assert.Equal(2, PreviewsOf(job).Length);
        // They go with the job.
        var deleted = await api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (PreviewsOf(job).Length > 0) await poll.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>Half a picture is nobody's to confirm: the file itself goes to the browser, which can't decode it whole.</summary>
    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    public async Task Card_OfAPictureThatIsCutOff_IsNotMade(string type)
    {
        var job = await api.Http.CreateJobAsync();
        var whole = type == ".jpg" ? Drawn.Photo(2_000, 1_500, 5) : Drawn.Halves(4_000, 3_000, ".png");
        await CopyAsync(job, $"a{type}", whole[..(whole.Length / 2)]);
        await CardAsync(job, $"a{type}");
        Assert.Empty(PreviewsOf(job));
    }

    /// <summary>So that the first worker does not wait for what the upload could have done.</summary>
    [Fact]
    public async Task Upload_OfALargePicture_MakesItsCardAhead()
    {
        var job = await PictureJobs.CreateAsync(api);
        await UploadAsync(job, "a.jpg", Drawn.Photo(2_000, 1_500, 7));
        var kept = Assert.Single(PreviewsOf(job));
        Assert.Equal((512, 384), Drawn.SizeOf(await File.ReadAllBytesAsync(kept, Cancellation)));
        await CardAsync(job, "a.jpg");
        Assert.Equal([kept], PreviewsOf(job));
    }

    /// <summary>Whoever has a URL of a preview has no way to ask for it: it is among BulkQA's own objects.</summary>
    [Fact]
    public async Task Preview_AskedForByItsOwnUrl_Is404()
    {
        var job = await api.Http.CreateJobAsync();
        await (await api.Http.GetPictureAsync(job, "s3://bulkqa/jobs/x/previews/a.jpg", "&size=512")).ProblemAsync(404);
    }

    /// <summary>In all eight ways that a camera may have been held.</summary>
    [Fact]
    public async Task Card_OfATurnedPhoto_IsTurnedAsBrowsersTurnIt()
    {
        var job = await PictureJobs.CreateAsync(api);
        var page = await browser.OpenAsync();
        await page.GotoAsync($"{api.Http.BaseAddress}jobs/{job}");
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            // Wide, red left and blue right, with more pixels than go as they are.
            await UploadAsync(job, $"{orientation}.jpg", Drawn.Halves(3_000, 1_500, ".jpg", orientation));
            var shown = new List<string>();
            foreach (var more in (string[])["", "&size=512"])
                shown.Add((await page.EvaluateAsync<string>("""
                    async url => {
                      const picture = new Image();
                      picture.src = url;
                      await picture.decode();
                      const canvas = document.createElement('canvas');
                      [canvas.width, canvas.height] = picture.naturalWidth > picture.naturalHeight ? [20, 10] : [10, 20];
                      const context = canvas.getContext('2d');
                      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
                      const at = (x, y) => { const [red, , blue] = context.getImageData(x, y, 1, 1).data; return red > blue ? 'red' : 'blue'; };
                      return [canvas.width, canvas.height, at(2, 2), at(canvas.width - 3, 2), at(2, canvas.height - 3)].join(' ');
                    }
                    """, $"/jobs/{job}/picture?url={Uri.EscapeDataString(Url(job, $"{orientation}.jpg"))}{more}")));
            Assert.True(shown[0] == shown[1], $"orientation {orientation}: the browser shows the original as {shown[0]}, the card as {shown[1]}");
            Assert.Equal(orientation <= 4 ? "20 10" : "10 20", shown[0][..5]);
        }
    }

    [Fact]
    public async Task Tiff_WithoutASize_IsConvertedForTheScreen()
    {
        var job = await PictureJobs.CreateAsync(api);
        await UploadAsync(job, "a.tif", Drawn.Photo(3_000, 1_500, 8, ".tif[compression=lzw]"));
        var shown = await api.Http.GetPictureAsync(job, Url(job, "a.tif"));
        Assert.Equal("image/jpeg", shown.Content.Headers.ContentType?.MediaType);
        Assert.Equal((2048, 1024), Drawn.SizeOf(await shown.Content.ReadAsByteArrayAsync(Cancellation)));
    }

    /// <summary>By other ways than an upload anything may lie there.</summary>
    [Fact]
    public async Task Picture_ThatCannotBeShown_SaysWhy()
    {
        var job = await PictureJobs.CreateAsync(api);
        foreach (var (name, content, reason) in new (string, byte[], string)[]
        {
            ("huge.png", Drawn.HugePng(20_000, 10_000), "has 200 megapixels, and 64 is the most"),
            ("wide.tif", Drawn.Halves(9_000, 8_000, ".tif[compression=lzw]"), "has 72 megapixels"),
            ("a.heic", "anything"u8.ToArray(), "is HEIC"),
            ("broken.tif", "no tiff"u8.ToArray(), "can't be decoded"),
        })
        {
            await CopyAsync(job, name, content);
            Assert.Contains(reason, await (await CardAsync(job, name)).ProblemAsync(422), StringComparison.Ordinal);
        }
        // What only our library can't read is the browser's to show.
        await CopyAsync(job, "odd.jpg", "odd"u8.ToArray());
        Assert.Equal("odd", await (await CardAsync(job, "odd.jpg")).Content.ReadAsStringAsync(Cancellation));
        await (await api.Http.GetPictureAsync(job, Url(job, "none.jpg"), "&size=512")).ProblemAsync(404);
        await (await api.Http.GetPictureAsync(job, Url(job, "odd.jpg"), "&size=513")).ProblemAsync(400);
    }

    /// <summary>On the worker's page 25 photos of 12 MP come as cards. How long that takes is printed; that it is cards is asserted.</summary>
    [Fact]
    public async Task WorkerPage_Of25Photos_LoadsThemAsCards()
    {
        const int Photos = 25;
        var job = await PictureJobs.CreateAsync(api);
        var photo = Drawn.Photo(4_000, 3_000, 9);
        var upload = System.Diagnostics.Stopwatch.StartNew();
        var summary = await api.Http.UploadAsync(job, Uploads.Form([.. Enumerable.Range(0, Photos).Select(number => ($"{number}.jpg", photo))]));
        TestContext.Current.TestOutputHelper?.WriteLine($"upload: {upload.ElapsedMilliseconds} ms");
        Assert.Equal((Photos, 0, 0, 0), summary.Counts());
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, Photos).Select(number => $"{number}.jpg,Dog,90")));
        foreach (var visit in (string[])["first", "second"])
        {
            var page = await browser.OpenAsync();
            var bytes = 0L;
            page.Response += (_, response) => bytes += response.Headers.TryGetValue("content-length", out var length) ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0;
            var watch = System.Diagnostics.Stopwatch.StartNew();
            await page.OpenAsync(api, job, $"ann-{visit}");
            watch.Stop();
            Assert.Equal(512, await page.EvaluateAsync<int>("Math.max(...[...document.images].map(image => image.naturalWidth))"));
            Assert.Equal(Photos, await page.EvaluateAsync<int>("[...document.images].filter(image => image.naturalWidth > 0).length"));
            Assert.InRange(bytes, Photos * 1_000L, Photos * 200_000L);
            TestContext.Current.TestOutputHelper?.WriteLine($"{visit} visit: {watch.ElapsedMilliseconds} ms, {bytes >> 10} KiB, originals {Photos * photo.Length >> 20} MiB");
        }
    }

    private static string Url(string job, string name) => $"{PictureJobs.BaseOf(job)}{name}";

    private async Task UploadAsync(string job, string name, byte[] picture)
    {
        var summary = await api.Http.UploadAsync(job, Uploads.Form((name, picture)));
        Assert.True(summary.Counts() == (1, 0, 0, 0), summary.ToString());
    }

    /// <summary>By another way than an upload.</summary>
    private async Task CopyAsync(string job, string name, byte[] picture) =>
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(PictureJobs.FolderOf(api, job)).FullName, name), picture, Cancellation);

    private Task<HttpResponseMessage> CardAsync(string job, string name) => api.Http.GetPictureAsync(job, Url(job, name), "&size=512");

    private string[] PreviewsOf(string job)
    {
        var life = Directory.GetDirectories(Path.Combine(Directory.CreateDirectory(Path.Combine(api.DataDirectory, "objects", "bulkqa", "jobs")).FullName), $"{job}~*");
        return [.. life.Select(folder => Path.Combine(folder, "previews")).Where(Directory.Exists).SelectMany(Directory.GetFiles)];
    }
}

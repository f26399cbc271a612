using System.IO.Compression;
using System.Text;

namespace BulkQA.Api.Tests;

/// <summary>Zips, also those that were made to do harm.</summary>
public sealed class ZipUploadTests(SharedApi api, ZipUploadTests.Bounded bounded) : IClassFixture<ZipUploadTests.Bounded>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Zip_OfFoldersAndPictures_StoresPicturesAndIgnoresWhatDesktopsLeave()
    {
        var job = await PictureJobs.CreateAsync(api);
        var png = Drawn.Halves(40, 30, ".png");
        var summary = await api.Http.UploadAsync(job, Uploads.Zip(
            ("dogs/", []), ("dogs/é 犬.png", png), ("dogs/a/b/c.svg", Uploads.Svg), ("__MACOSX/dogs/._é.png", [0]), ("dogs/.DS_Store", [1]), ("Thumbs.db", [2]), ("readme.txt", [3])));
        Assert.True(summary.Counts() == (2, 0, 4, 1), summary.ToString());
        Assert.Equal(["dogs/a/b/c.svg", "dogs/é 犬.png"], PictureJobs.StoredOf(api, job));
    }

    [Fact]
    public async Task Zip_WithHostileEntries_RejectsThemByNameAndStoresTheRest()
    {
        var job = await PictureJobs.CreateAsync(api);
        var inner = await Uploads.Zip(("a.svg", Uploads.Svg)).ReadAsByteArrayAsync(Cancellation);
        var summary = await api.Http.UploadAsync(job, Uploads.Zip(
            ("../../out.svg", Uploads.Svg), ("/etc/root.svg", Uploads.Svg), ("a\\..\\b.svg", Uploads.Svg), ("inner.zip", inner), ("named.png", inner), ("good.svg", Uploads.Svg),
            // 8 MiB of nothing in 8 KiB.
            ("bomb.bmp", new byte[8 << 20])));
        Assert.True(summary.Counts() == (1, 0, 0, 6), summary.ToString());
        Assert.Contains("a zip within the upload", summary.ReasonOf("inner.zip"), StringComparison.Ordinal);
        Assert.Contains("whatever its name says", summary.ReasonOf("named.png"), StringComparison.Ordinal);
        Assert.Contains("200 times its packed size", summary.ReasonOf("bomb.bmp"), StringComparison.Ordinal);
        Assert.Equal(["good.svg"], PictureJobs.StoredOf(api, job));
        Assert.False(File.Exists(Path.Combine(api.DataDirectory, "objects", "out.svg")));
    }

    /// <summary>A link would lead what is read later out of the store.</summary>
    [Fact]
    public async Task Zip_WithALinkOrAnEncryptedEntry_RejectsIt()
    {
        var job = await PictureJobs.CreateAsync(api);
        var bytes = Zip(zip =>
        {
            var link = zip.CreateEntry("link.svg");
            link.ExternalAttributes = unchecked((int)0xA1FF0000);
            using (var target = link.Open()) target.Write("/etc/passwd"u8);
            using var plain = zip.CreateEntry("locked.svg").Open();
            plain.Write(Uploads.Svg);
        });
        // Its directory says Unix as system, and encrypted for the second.
        var (first, second) = (IndexOf(bytes, "PK\u0001\u0002", 0), IndexOf(bytes, "PK\u0001\u0002", 1));
        bytes[first + 5] = 3;
        bytes[second + 8] |= 1;
        var summary = await api.Http.UploadAsync(job, Uploads.AsZip(bytes));
        Assert.Contains("is a link", summary.ReasonOf("link.svg"), StringComparison.Ordinal);
        Assert.Contains("is encrypted", summary.ReasonOf("locked.svg"), StringComparison.Ordinal);
        Assert.Empty(PictureJobs.StoredOf(api, job));
    }

    /// <summary>Each of them a lie about one entry: about its length, its checksum, its place.</summary>
    [Theory]
    [InlineData(16, "is damaged")]
    [InlineData(24, "is damaged")]
    [InlineData(42, "is damaged")]
    public async Task Zip_WhoseDirectoryLies_RejectsThatEntryAndStoresTheOthers(int field, string reason)
    {
        var job = await PictureJobs.CreateAsync(api);
        var bytes = await Uploads.Zip(("lie.svg", Uploads.Svg), ("good.svg", Uploads.Svg)).ReadAsByteArrayAsync(Cancellation);
        bytes[IndexOf(bytes, "PK\u0001\u0002", 0) + field] ^= 0x01;
        var summary = await api.Http.UploadAsync(job, Uploads.AsZip(bytes));
        Assert.True(summary.Counts() == (1, 0, 0, 1), summary.ToString());
        Assert.Contains(reason, summary.ReasonOf("lie.svg"), StringComparison.Ordinal);
    }

    /// <summary>Nothing of it is stored: the directory is read whole before the first picture.</summary>
    [Fact]
    public async Task Zip_CutOffOrDamaged_IsRefusedWhole()
    {
        var job = await PictureJobs.CreateAsync(api);
        var bytes = await Uploads.Zip(("a.svg", Uploads.Svg), ("b.svg", Uploads.Svg)).ReadAsByteArrayAsync(Cancellation);
        var damaged = bytes.ToArray();
        damaged[IndexOf(bytes, "PK\u0001\u0002", 1)] = 0;
        foreach (var bad in (byte[][])[bytes[..^30], bytes[..10], damaged])
            await (await api.Http.PostAsync($"/v1/jobs/{job}/pictures", Uploads.AsZip(bad), Cancellation)).ProblemAsync(400);
        Assert.Empty(PictureJobs.StoredOf(api, job));
        // Among files of a form it is one of several, and those count.
        var summary = await api.Http.UploadAsync(job, Uploads.Form(("a.svg", Uploads.Svg), ("bad.zip", damaged), ("good.zip", bytes)));
        Assert.Contains("can't be unpacked", summary.ReasonOf("bad.zip"), StringComparison.Ordinal);
        Assert.Contains("comes twice", summary.ReasonOf("a.svg"), StringComparison.Ordinal);
        Assert.Equal(["a.svg", "b.svg"], PictureJobs.StoredOf(api, job));
    }

    /// <summary>More entries than 16 bits count: the zip's directory is of the newer form then.</summary>
    [Fact]
    public async Task Zip_OfMoreThan65535Entries_IsReadToItsEnd()
    {
        var job = await PictureJobs.CreateAsync(api);
        var bytes = Zip(zip =>
        {
            for (var number = 0; number < 66_000; number++) zip.CreateEntry($"folder {number}/");
            using var last = zip.CreateEntry("last/a.svg").Open();
            last.Write(Uploads.Svg);
        });
        Assert.Equal((1, 0, 66_000, 0), (await api.Http.UploadAsync(job, Uploads.AsZip(bytes))).Counts());
        Assert.Equal(["last/a.svg"], PictureJobs.StoredOf(api, job));
    }

    /// <summary>With small bounds, so that it doesn't take gigabytes to meet them.</summary>
    [Fact]
    public async Task Zip_BeyondTheBounds_IsRefusedWholeOrPictureByPicture()
    {
        var http = bounded.Process.Http;
        await http.PostAsync("/v1/jobs", HttpExtensions.Text("""{"name":"bounded"}""", "application/json"), Cancellation);
        var many = Enumerable.Range(0, 11).Select(number => ($"{number}.svg", Uploads.Svg)).ToArray();
        Assert.Contains("more than 10 files", await (await http.PostAsync("/v1/jobs/bounded/pictures", Uploads.Zip(many), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        var form = await http.UploadAsync("bounded", Uploads.Form(many));
        Assert.Equal((10, 0, 0, 1), form.Counts());
        Assert.Contains("one more than the 10", form.ReasonOf("10.svg"), StringComparison.Ordinal);
        var large = Drawn.Photo(700, 640, 1, ".png");
        Assert.InRange(large.Length, (1 << 20) + 1, (2 << 20) - 1);
        Assert.Contains("more than 1 MiB", (await http.UploadAsync("bounded", Uploads.Form(("large.png", large)))).ReasonOf("large.png"), StringComparison.Ordinal);
        // Three times 1.9 MiB that pack to nearly nothing, where 4 MiB are the most.
        var plain = Enumerable.Range(0, 3).Select(number => ($"{number}.bmp", new byte[1_900_000])).ToArray();
        Assert.Contains("unpacks to more than 4 MiB", await (await http.PostAsync("/v1/jobs/bounded/pictures", Uploads.Zip(plain), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        // The sender waits for leave to send, so that the answer is not lost in what it would still write.
        using var tooLong = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs/bounded/pictures") { Content = Uploads.Form([.. Enumerable.Range(0, 5).Select(number => ($"x{number}.png", large))]), Headers = { ExpectContinue = true } };
        await (await http.SendAsync(tooLong, Cancellation)).ProblemAsync(413);
        Assert.Contains("has 2 megapixels, and 1 is the most", (await http.UploadAsync("bounded", Uploads.Form(("two.png", Drawn.HugePng(2_000, 1_000))))).ReasonOf("two.png"), StringComparison.Ordinal);
    }

    /// <summary>Each within the bounds, and together beyond them. One that is refused takes nothing from those behind it.</summary>
    [Fact]
    public async Task Form_OfZipsThatTogetherAreBeyondTheBounds_StoresThoseThatFit()
    {
        const string Job = "several";
        var http = bounded.Process.Http;
        await http.PostAsync("/v1/jobs", HttpExtensions.Text($$"""{"name":"{{Job}}","imageBase":"s3://several/"}""", "application/json"), Cancellation);
        var unpacked = await ZipOf("a", ("1.bmp", new byte[1_000_000]), ("2.bmp", new byte[1_000_000]));
        var tooMuch = await ZipOf("b", ("1.bmp", new byte[1_000_000]), ("2.bmp", new byte[1_000_000]), ("3.bmp", new byte[1_000_000]));
        var small = await ZipOf("c", ("1.svg", Uploads.Svg));
        var summary = await http.UploadAsync(Job, Uploads.Form(("a.zip", unpacked), ("b.zip", tooMuch), ("c.zip", small)));
        Assert.Contains("unpacks to more than 4 MiB", summary.ReasonOf("b.zip"), StringComparison.Ordinal);
        Assert.DoesNotContain("b/1.bmp", summary.ToString(), StringComparison.Ordinal);
        // Zeros are no BMP, and are looked at.
        Assert.True(summary.Counts() == (1, 0, 0, 3), summary.ToString());

        var seven = await ZipOf("d", [.. Enumerable.Range(0, 7).Select(number => ($"{number}.svg", Uploads.Svg))]);
        var five = await ZipOf("e", [.. Enumerable.Range(0, 5).Select(number => ($"{number}.svg", Uploads.Svg))]);
        summary = await http.UploadAsync(Job, Uploads.Form(("d.zip", seven), ("e.zip", five)));
        Assert.True(summary.Counts() == (10, 0, 0, 2), summary.ToString());
        Assert.Contains("one more than the 10", summary.ReasonOf("e/3.svg"), StringComparison.Ordinal);

        static async Task<byte[]> ZipOf(string folder, params (string Name, byte[] Content)[] pictures) =>
            await Uploads.Zip([.. pictures.Select(picture => ($"{folder}/{picture.Name}", picture.Content))]).ReadAsByteArrayAsync(Cancellation);
    }

    [Fact]
    public async Task Start_WrongBounds_NamesThemAll()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output) = await ApiProcess.RunToExitAsync(
            new Dictionary<string, string>
            {
                ["BulkQA__Pictures__MaxFileBytes"] = "1",
                ["BulkQA__Pictures__MaxUploadBytes"] = "1",
                ["BulkQA__Pictures__MaxPictures"] = "0",
                ["BulkQA__Pictures__MaxMegapixels"] = "0",
                ["BulkQA__Pictures__PreviewConcurrency"] = "0",
            },
            "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.All(["MaxFileBytes is 1", "MaxUploadBytes is 1", "MaxPictures is 0", "MaxMegapixels is 0", "PreviewConcurrency is 0"], problem => Assert.Contains(problem, output, StringComparison.Ordinal));
    }

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true)) fill(zip);
        return bytes.ToArray();
    }

    private static int IndexOf(byte[] bytes, string text, int skip)
    {
        var at = bytes.AsSpan().IndexOf(Encoding.Latin1.GetBytes(text));
        Assert.True(at >= 0);
        return skip == 0 ? at : at + 1 + IndexOf(bytes[(at + 1)..], text, skip - 1);
    }

    /// <summary>Takes 10 pictures of 1 MiB and a megapixel, 4 MiB in all.</summary>
    public sealed class Bounded : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public ApiProcess Process { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Process = await ApiProcess.StartAsync(
            _folder.Path, "--BulkQA:Pictures:MaxPictures=10", "--BulkQA:Pictures:MaxFileBytes=1048576", "--BulkQA:Pictures:MaxUploadBytes=4194304", "--BulkQA:Pictures:MaxMegapixels=1");

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}

using System.Text;

namespace BulkQA.Corpora.Tests;

public sealed class CorpusReaderTests
{
    private const string Base = Corpus.Base;

    [Theory]
    [InlineData("Dog,a.jpg,90")]
    [InlineData("Dog,s3://b/a,90")]
    public async Task Read_HeaderlessWithTheLabelFirst_IsRefused(string line) => Assert.Contains(
        "the second looks like the image", (await Assert.ThrowsAsync<BadInputException>(() => CsvAsync(line))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Read_ColumnsInAnyOrderAmongOthers_FindsThemByName()
    {
        var lines = await CsvAsync("note,Confidence,label,image_local_path\nx,87.5,Dog,a/b.jpg\n");
        Assert.Equal(new CorpusItem(ImageUrl.Create(Base + "a/b.jpg"), Label.Create("Dog"), Percent.Create(87.5)), Assert.Single(lines).Item);
        Assert.Equal(2, lines[0].Number);
    }

    [Theory]
    [InlineData("s3_image_url,label,confidence,WorkerConfirmCount,WorkerDisconfirmCount\ns3://b/1,Dog,80,3,2\ns3://b/2,Dog,80,0,0\ns3://b/3,Dog,80,,1\n", "csv")]
    [InlineData("{\"s3_image_url\":\"s3://b/1\",\"label\":\"Dog\",\"confidence\":\"80\",\"WorkerConfirmCount\":3,\"WorkerDisconfirmCount\":\"2\"}\n{\"s3_image_url\":\"s3://b/2\",\"label\":\"Dog\",\"confidence\":80}\n{\"s3_image_url\":\"s3://b/3\",\"label\":\"Dog\",\"confidence\":80,\"WorkerDisconfirmCount\":1}\n", "ndjson")]
    public async Task Read_CountsOfAnotherSystem_AreTakenAsAnonymous(string corpus, string format)
    {
        var lines = await ReadAsync(Encoding.UTF8.GetBytes(corpus), format);
        Assert.Equal([new AnonymousVotes(3, 2), null, new AnonymousVotes(0, 1)], lines.Select(line => line.Item!.Anonymous));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1000001")]
    [InlineData("many")]
    public async Task Read_CountThatIsNone_IsRejected(string count) => Assert.Contains(
        "is not a whole number from 0 to 1000000", Assert.Single(await CsvAsync($"s3_image_url,label,confidence,WorkerConfirmCount\ns3://b/1,Dog,80,{count}\n")).Problem!, StringComparison.Ordinal);

    [Fact]
    public async Task Read_NoHeader_TakesImageLabelConfidence()
    {
        var lines = await CsvAsync("a.jpg,Dog,80\ns3://other/b.jpg,Cat,100");
        Assert.Equal([Base + "a.jpg", "s3://other/b.jpg"], lines.Select(line => line.Item!.Url.Value));
    }

    [Fact]
    public async Task Read_UrlColumn_IsTakenAsItIs() =>
        Assert.Equal("s3://b/a.jpg", Assert.Single(await CsvAsync("s3_image_url,label,confidence\ns3://b/a.jpg,Dog,80\n")).Item!.Url.Value);

    [Fact]
    public async Task Read_ByteOrderMarkAndCrLf_AreNoPartOfTheFields()
    {
        var lines = await CsvAsync("\uFEFFimage_local_path,label,confidence\r\na.jpg,Dog,80\r\n\r\nb.jpg,Dog,81\r\n");
        Assert.Equal(["80", "81"], lines.Select(line => line.Item!.Confidence.ToString()));
        Assert.Equal([2, 4], lines.Select(line => line.Number));
    }

    [Fact]
    public async Task Read_QuotedFields_KeepCommasQuotesAndLineBreaks()
    {
        var lines = await CsvAsync("label,confidence,note,image_local_path\n\"Dog, big \"\"Rex\"\"\",80,\"two\nlines\",a.jpg\nCat,90,,b.jpg\n");
        Assert.Equal(["Dog, big \"Rex\"", "Cat"], lines.Select(line => line.Item!.Label.Value));
        Assert.Equal([2, 4], lines.Select(line => line.Number));
    }

    [Theory]
    [InlineData("a.jpg,Dog,NaN", "not a number from 0 to 100")]
    [InlineData("a.jpg,Dog,-1", "not a number from 0 to 100")]
    [InlineData("a.jpg,Dog,100.01", "not a number from 0 to 100")]
    [InlineData("a.jpg,Dog,Infinity", "not a number from 0 to 100")]
    [InlineData("a.jpg,Dog,high", "not a number from 0 to 100")]
    [InlineData("a.jpg,,80", "the label is empty")]
    [InlineData("a.jpg,   ,80", "the label is empty")]
    [InlineData(",Dog,80", "the image URL is empty")]
    [InlineData("a.jpg,Dog", "2 fields instead of 3")]
    [InlineData("a.jpg,Dog,80,extra", "4 fields instead of 3")]
    [InlineData("a.jpg,D\u0000og,80", "control character")]
    [InlineData("\"a.jpg,Dog,80", "quoted field is not closed")]
    [InlineData("\"a.jpg\"x,Dog,80", "quoted field is not closed, or something follows")]
    public async Task Read_BadLine_IsReportedWithNumberAndReasonAndTheRestIsRead(string bad, string reason)
    {
        var lines = await CsvAsync($"image_local_path,label,confidence\ngood1.jpg,Dog,80\n{bad}\ngood2.jpg,Dog,81\ngood3.jpg,Dog,82\n");
        var rejected = Assert.Single(lines, line => line.Item is null);
        Assert.Equal(3, rejected.Number);
        Assert.Contains(reason, rejected.Problem, StringComparison.Ordinal);
        Assert.Equal(3, lines.Count(line => line.Item is not null));
    }

    [Fact]
    public async Task Read_HeaderWithoutConfidence_TakesItemsWithoutConfidence()
    {
        var lines = await CsvAsync("image_local_path,label\na.jpg,Dog\nb.jpg,Dog\n");
        Assert.Equal(["a.jpg Dog -", "b.jpg Dog -"], Corpus.Show(lines));
    }

    [Theory]
    [InlineData("a/b # | - \"quoted\" %2F")]
    [InlineData("犬 🐕 dog")]
    [InlineData("كلب")]
    public async Task Read_UnusualLabel_IsKept(string label)
    {
        var lines = await CsvAsync($"image_local_path,label,confidence\na.jpg,\"{label.Replace("\"", "\"\"", StringComparison.Ordinal)}\",80\n");
        Assert.Equal(label, Assert.Single(lines).Item!.Label.Value);
    }

    [Fact]
    public async Task Read_InvalidUtf8_RejectsTheLine()
    {
        byte[] bytes = [.. "a.jpg,D"u8, 0xFF, .. "g,80\nb.jpg,Dog,80\n"u8];
        var lines = await ReadAsync(bytes, "csv");
        Assert.StartsWith("the line is not valid UTF-8", lines[0].Problem, StringComparison.Ordinal);
        Assert.NotNull(lines[1].Item);
    }

    [Theory]
    [InlineData("csv", "")]
    [InlineData("csv", "\"")]
    [InlineData("ndjson", "{")]
    public async Task Read_TenMegabyteLine_IsRejectedInBoundedMemoryAndTheRestIsRead(string format, string start)
    {
        var good = format == "csv" ? "b.jpg,Dog,80\n" : "{\"image_local_path\":\"b.jpg\",\"label\":\"Dog\",\"confidence\":80}\n";
        var bytes = Encoding.UTF8.GetBytes(good + start + new string('x', 10_000_000) + "\n" + good);
        GC.Collect();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var lines = await ReadAsync(bytes, format);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal([true, false, true], lines.Select(line => line.Item is not null));
        Assert.Equal(2, lines[1].Number);
        Assert.Equal(3, lines[2].Number);
    }

    [Fact]
    public async Task Read_LongestAllowedLine_IsRead()
    {
        var padding = new string('n', 60_000);
        Assert.NotNull(Assert.Single(await CsvAsync($"image_local_path,label,confidence,note\na.jpg,Dog,80,{padding}")).Item);
    }

    [Fact]
    public async Task Read_StreamThatGivesOneByteAtATime_ReadsTheSame()
    {
        const string Text = "label,confidence,image_local_path\n\"a \"\"b\"\" c\",80,x.jpg\r\n\"open,90,y.jpg\nDog,95,z.jpg";
        var whole = await CsvAsync(Text);
        using var drip = new DripStream(Encoding.UTF8.GetBytes(Text));
        var dripped = await Corpus.Lines(drip, "csv").ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(whole, dripped);
    }

    [Theory]
    [InlineData("{\"s3_image_url\":\"s3://b/a.jpg\",\"label\":\"Dog\",\"confidence\":87.27,\"more\":{\"x\":[1]}}", "s3://b/a.jpg")]
    [InlineData("{\"confidence\":\"87.27\",\"label\":\"Dog\",\"image_local_path\":\"a.jpg\"}", Base + "a.jpg")]
    public async Task ReadNdJson_GoodLine_IsAnItem(string line, string url)
    {
        var item = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(line), "ndjson")).Item!;
        Assert.Equal((url, "Dog", 87.27), (item.Url.Value, item.Label.Value, item.Confidence!.Value.Value));
    }

    [Theory]
    [InlineData("[1]", "not a JSON object")]
    [InlineData("{\"label\":", "not valid JSON")]
    [InlineData("{} trailing", "not valid JSON")]
    [InlineData("{\"label\":\"Dog\",\"confidence\":80}", "the image URL is empty")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"confidence\":80}", "the label is empty")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"\\ud800\",\"confidence\":80}", "not valid Unicode")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"a\\nb\",\"confidence\":80}", "control character")]
    public async Task ReadNdJson_BadLine_IsReported(string line, string reason)
    {
        var lines = await ReadAsync(
            Encoding.UTF8.GetBytes(line + "\n{\"s3_image_url\":\"s3://b/a\",\"label\":\"Dog\",\"confidence\":80}"), "ndjson");
        Assert.Contains(reason, lines[0].Problem, StringComparison.Ordinal);
        Assert.NotNull(lines[1].Item);
    }

    [Theory]
    [InlineData("csv", "image,label,confidence\ra.jpg,Dog,80\rb.jpg,Dog,81\r", new long[] { 2, 3 })]
    [InlineData("csv", "a.jpg,Dog,80\r\r\nb.jpg,Dog,81\n\rc.jpg,Dog,82", new long[] { 1, 3, 5 })]
    [InlineData("csv", "label,note,image,score\rDog,\"1\r2\n3\r\n4\",a.jpg,80\rDog,,b.jpg,81", new long[] { 2, 6 })]
    [InlineData("ndjson", "{\"image_local_path\":\"a\",\"label\":\"Dog\",\"confidence\":80}\r\r\n{\"image_local_path\":\"b\",\"label\":\"Dog\",\"confidence\":80}", new long[] { 1, 3 })]
    public async Task Read_AnyLineBreaks_SplitLinesAndCountThem(string format, string corpus, long[] numbers)
    {
        var bytes = Encoding.UTF8.GetBytes(corpus);
        var lines = await ReadAsync(bytes, format);
        Assert.Equal(numbers, lines.Select(line => line.Number));
        Assert.All(lines, line => Assert.NotNull(line.Item));
        using var drip = new DripStream(bytes);
        Assert.Equal(lines, await Corpus.Lines(drip, format).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Read_BrokenQuotesAndLongLinesAmongCarriageReturns_KeepTheirNumbers()
    {
        var lines = await CsvAsync($"image,label,confidence\r\"a.jpg,Dog,80\r\n{new string('x', 200_000)}\rb.jpg,Dog,x\r\nc.jpg,Dog,81\r");
        Assert.Equal([2, 3, 4, 5], lines.Select(line => line.Number));
        Assert.Equal([false, false, false, true], lines.Select(line => line.Item is not null));
    }

    [Theory]
    [InlineData("csv", "", "empty")]
    [InlineData("csv", " \t\r\n\r", "empty")]
    [InlineData("ndjson", "\n \n", "empty")]
    [InlineData("csv", "image,label,confidence", "Line 1 is a header of 3 columns, and no line follows it")]
    [InlineData("csv", "\nimage,label,confidence\n\n", "Line 2 is a header of 3 columns, and no line follows it")]
    [InlineData("csv", "image,label,confidencea.jpg,Dog,80b.jpg,Dog,81", "Line 1 is a header of 7 columns, and no line follows it")]
    public async Task Read_NothingToImport_IsRefused(string format, string corpus, string says)
    {
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(Encoding.UTF8.GetBytes(corpus), format));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--data-binary", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image", "label", "confidence")]
    [InlineData("file", "class", "score")]
    [InlineData("FileName", "Class_Name", "Prob")]
    [InlineData("file_name", "category", "PROBABILITY")]
    [InlineData("path", "prediction", "score")]
    [InlineData("image_path", "label", "score")]
    [InlineData("url", "label", "score")]
    [InlineData("uri", "label", "score")]
    [InlineData("s3_uri", "label", "score")]
    [InlineData("image_url", "label", "score")]
    public async Task Read_UsualHeaderNames_AreColumnsInAnyOrder(string image, string label, string confidence)
    {
        var lines = await CsvAsync($"{label},\" {image} \",other,{confidence}\nDog,a.jpg,1,80\nDog,s3://b/b.jpg,1,81\n");
        Assert.Equal([(Base + "a.jpg", "Dog", 80.0), ("s3://b/b.jpg", "Dog", 81.0)], lines.Select(line => (line.Item!.Url.Value, line.Item.Label.Value, line.Item.Confidence!.Value.Value)));
    }

    [Theory]
    [InlineData("label,picture,confidence\nDog,a.jpg,80", "'label', 'picture', 'confidence', and no column is the image")]
    [InlineData("filename,klasse,score\na.jpg,Dog,80", "no column is the label")]
    [InlineData("image_local_path,s3_image_url,label,confidence\na.jpg,s3://b/a.jpg,Dog,80", "'image_local_path' and 's3_image_url' both mean the image")]
    [InlineData("image,label,LABEL,confidence\na.jpg,Dog,Dog,80", "'label' and 'LABEL' both mean the label")]
    [InlineData("image,label,score,confidence\na.jpg,Dog,80,80", "'score' and 'confidence' both mean the confidence")]
    [InlineData("image,label,score,WorkerConfirmCount,WorkerConfirmCount\na.jpg,Dog,80,1,2", "both mean the WorkerConfirmCount")]
    [InlineData("file,0,1\na.jpg,0.1,0.9", "no column is the label")]
    [InlineData("bild,klasse,wert\na.jpg,Dog,80", "'bild', 'klasse', 'wert', and the third is not a number")]
    [InlineData("\n\na.jpg,Dog,high\nb.jpg,Dog,80", "Line 3 is not a header")]
    [InlineData("\"label,image,confidence\nDog,a.jpg,80", "Line 1 is the first")]
    public async Task Read_FirstLineThatLeavesTheColumnsOpen_IsRefusedAndSaysWhatIsNeeded(string corpus, string says)
    {
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => CsvAsync(corpus));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was imported", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_HeaderThatIsNotUtf8_IsRefused()
    {
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync([.. "label,gr"u8, 0xF6, .. "sse,image,confidence\nDog,1,a.jpg,80\n"u8], "csv"));
        Assert.Contains("not valid UTF-8", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_FirstLineLongerThanAllowed_IsRefused() =>
        Assert.Contains("longer than 65536 bytes", (await Assert.ThrowsAsync<BadInputException>(() => CsvAsync($"image,label,confidence{new string('x', 100_000)}\na.jpg,Dog,80"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a.jpg,Dog,101")]
    [InlineData("a.jpg,Dog,NaN")]
    [InlineData("a.jpg,Dog,80,extra")]
    public async Task Read_FirstLineThatIsABadItem_IsRejectedAndTheRestIsRead(string first)
    {
        var lines = await CsvAsync($"{first}\nb.jpg,Dog,80\n");
        Assert.Equal([false, true], lines.Select(line => line.Item is not null));
    }

    [Theory]
    [InlineData("s3://other/a.jpg")]
    [InlineData("https://example.com/a.jpg?x=1")]
    [InlineData("S3+x-1.y://a")]
    public async Task Read_UrlWhereAPathIsExpected_IsTakenAsTheUrlItIs(string url)
    {
        Assert.Equal(url, Assert.Single(await CsvAsync($"image_local_path,label,confidence\n{url},Dog,80\n")).Item!.Url.Value);
        var json = $"{{\"image_local_path\":\"{url}\",\"label\":\"Dog\",\"confidence\":80}}";
        Assert.Equal(url, Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(json), "ndjson")).Item!.Url.Value);
    }

    [Theory]
    [InlineData("../a.jpg", "has a part '..'")]
    [InlineData("x/../../a.jpg", "has a part '..'")]
    [InlineData("./a.jpg", "has a part '.'")]
    [InlineData("x//a.jpg", "has '//'")]
    [InlineData("/etc/a.jpg", "begins with '/'")]
    [InlineData("x/", "ends with '/'")]
    [InlineData("x\\a.jpg", "has a backslash")]
    [InlineData("a b://c.jpg", "has '//'")]
    public async Task Read_PathThatLeadsNowhere_IsRejectedWithItsReason(string path, string reason)
    {
        var problem = Assert.Single(await CsvAsync($"image_local_path,label,confidence\n{path},Dog,80\n")).Problem!;
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Contains(Base, problem, StringComparison.Ordinal);
        var json = $"{{\"image_local_path\":\"{path.Replace("\\", "\\\\", StringComparison.Ordinal)}\",\"label\":\"Dog\",\"confidence\":80}}";
        Assert.Equal(problem, Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(json), "ndjson")).Problem);
    }

    [Fact]
    public async Task ReadNdJson_TwoDifferentImagesInOneLine_IsRejected()
    {
        var lines = await ReadAsync(
            """
            {"s3_image_url":"s3://bulkqa/images/a.jpg","image_local_path":"b.jpg","label":"Dog","confidence":80}
            {"s3_image_url":"s3://bulkqa/images/a.jpg","image_local_path":"a.jpg","label":"Dog","confidence":80}
            """u8.ToArray(), "ndjson");
        Assert.Contains("name different images", lines[0].Problem, StringComparison.Ordinal);
        Assert.NotNull(lines[1].Item);
    }

    [Theory]
    [InlineData("s3://bulkqa/images/a/b.jpg", true)]
    [InlineData("s3://bulkqa/images/a b…?#.jpg", true)]
    [InlineData("s3://bulkqa/images/", false)]
    [InlineData("s3://bulkqa/images/../a.jpg", false)]
    [InlineData("s3://bulkqa/images//a.jpg", false)]
    [InlineData("s3://bulkqa/images/a\\b.jpg", false)]
    [InlineData("s3://bulkqa/imagesx/a.jpg", false)]
    [InlineData("s3://other/images/a.jpg", false)]
    [InlineData("https://bulkqa/images/a.jpg", false)]
    [InlineData("a.jpg", false)]
    public void ImageBase_Url_IsHeldWhereItsPictureCanBeRead(string url, bool held) =>
        Assert.Equal(held, new ImageBase(Base).Holds(ImageUrl.Create(url)));

    [Theory]
    [InlineData("s3://bucket/", true)]
    [InlineData("s3://bucket//", false)]
    [InlineData("s3://bucket/../", false)]
    public void ImageBase_ThatIsNotCanonical_HoldsNothing(string value, bool holds) =>
        Assert.Equal(holds, new ImageBase(value).Holds(ImageUrl.Create($"{value}a.jpg")));

    private static Task<List<CorpusLine>> CsvAsync(string text) => ReadAsync(Encoding.UTF8.GetBytes(text), "csv");

    private static async Task<List<CorpusLine>> ReadAsync(byte[] bytes, string format)
    {
        using var stream = new MemoryStream(bytes);
        return await Corpus.Lines(stream, format).ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A slow sender.</summary>
    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }
}

using System.Text;

namespace BulkQA.Core.Tests;

public sealed class CorpusReaderTests
{
    private const string Base = "s3://bulkqa/images/";

    [Fact]
    public async Task Read_ColumnsInAnyOrderAmongOthers_FindsThemByName()
    {
        var lines = await CsvAsync("note,Confidence,label,image_local_path\nx,87.5,Dog,a/b.jpg\n");
        Assert.Equal(new CorpusItem(ImageUrl.Create(Base + "a/b.jpg"), Label.Create("Dog"), Percent.Create(87.5)), Assert.Single(lines).Item);
        Assert.Equal(2, lines[0].Number);
    }

    [Theory]
    [InlineData("s3_image_url,label,confidence,WorkerConfirmCount,WorkerDisconfirmCount\ns3://b/1,Dog,80,3,2\ns3://b/2,Dog,80,0,0\ns3://b/3,Dog,80,,1\n", CorpusFormat.Csv)]
    [InlineData("{\"s3_image_url\":\"s3://b/1\",\"label\":\"Dog\",\"confidence\":\"80\",\"WorkerConfirmCount\":3,\"WorkerDisconfirmCount\":\"2\"}\n{\"s3_image_url\":\"s3://b/2\",\"label\":\"Dog\",\"confidence\":80}\n{\"s3_image_url\":\"s3://b/3\",\"label\":\"Dog\",\"confidence\":80,\"WorkerDisconfirmCount\":1}\n", CorpusFormat.NdJson)]
    public async Task Read_CountsOfAnotherSystem_AreTakenAsAnonymous(string corpus, CorpusFormat format)
    {
        var lines = await CorpusReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(corpus)), format, Base, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
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
    [InlineData("a.jpg,Dog,", "the confidence is missing")]
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
    public async Task Read_HeaderWithoutConfidence_RejectsEveryLine()
    {
        var lines = await CsvAsync("image_local_path,label\na.jpg,Dog\nb.jpg,Dog\n");
        Assert.Equal(["the confidence is missing", "the confidence is missing"], lines.Select(line => line.Problem));
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
        var lines = await ReadAsync(bytes, CorpusFormat.Csv);
        Assert.Equal("the line is not valid UTF-8", lines[0].Problem);
        Assert.NotNull(lines[1].Item);
    }

    [Fact]
    public async Task Read_Utf16_SaysSo() =>
        await Assert.ThrowsAsync<FormatException>(() => ReadAsync(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a.jpg,Dog,80")).ToArray(), CorpusFormat.Csv));

    [Theory]
    [InlineData(CorpusFormat.Csv, "")]
    [InlineData(CorpusFormat.Csv, "\"")]
    [InlineData(CorpusFormat.NdJson, "{")]
    public async Task Read_TenMegabyteLine_IsRejectedInBoundedMemoryAndTheRestIsRead(CorpusFormat format, string start)
    {
        var good = format == CorpusFormat.Csv ? "b.jpg,Dog,80\n" : "{\"image_local_path\":\"b.jpg\",\"label\":\"Dog\",\"confidence\":80}\n";
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
        var dripped = await CorpusReader.ReadAsync(drip, CorpusFormat.Csv, Base, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(whole, dripped);
    }

    [Theory]
    [InlineData("{\"s3_image_url\":\"s3://b/a.jpg\",\"label\":\"Dog\",\"confidence\":87.27,\"more\":{\"x\":[1]}}", "s3://b/a.jpg")]
    [InlineData("{\"confidence\":\"87.27\",\"label\":\"Dog\",\"image_local_path\":\"a.jpg\"}", Base + "a.jpg")]
    public async Task ReadNdJson_GoodLine_IsAnItem(string line, string url)
    {
        var item = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(line), CorpusFormat.NdJson)).Item!;
        Assert.Equal((url, "Dog", 87.27), (item.Url.Value, item.Label.Value, item.Confidence.Value));
    }

    [Theory]
    [InlineData("[1]", "not a JSON object")]
    [InlineData("{\"label\":", "not valid JSON")]
    [InlineData("{} trailing", "not valid JSON")]
    [InlineData("{\"label\":\"Dog\",\"confidence\":80}", "the image URL is empty")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"confidence\":80}", "the label is empty")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"Dog\"}", "the confidence is missing")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"Dog\",\"confidence\":true}", "the confidence is missing")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"\\ud800\",\"confidence\":80}", "not valid Unicode")]
    [InlineData("{\"s3_image_url\":\"s3://b/a\",\"label\":\"a\\nb\",\"confidence\":80}", "control character")]
    public async Task ReadNdJson_BadLine_IsReported(string line, string reason)
    {
        var lines = await ReadAsync(
            Encoding.UTF8.GetBytes(line + "\n{\"s3_image_url\":\"s3://b/a\",\"label\":\"Dog\",\"confidence\":80}"), CorpusFormat.NdJson);
        Assert.Contains(reason, lines[0].Problem, StringComparison.Ordinal);
        Assert.NotNull(lines[1].Item);
    }

    private static Task<List<CorpusLine>> CsvAsync(string text) => ReadAsync(Encoding.UTF8.GetBytes(text), CorpusFormat.Csv);

    private static async Task<List<CorpusLine>> ReadAsync(byte[] bytes, CorpusFormat format)
    {
        using var stream = new MemoryStream(bytes);
        return await CorpusReader.ReadAsync(stream, format, Base, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A slow sender.</summary>
    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }
}

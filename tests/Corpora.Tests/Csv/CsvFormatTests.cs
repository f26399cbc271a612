using System.Text;

namespace BulkQA.Corpora.Tests;

public sealed class CsvFormatTests
{
    [Theory]
    [InlineData("filename;class;score\na.jpg;Dog;97,5\n", ';')]
    [InlineData("filename\tclass\tscore\na.jpg\tDog\t97.5\n", '\t')]
    [InlineData("filename|class|score\na.jpg|Dog|97.5\n", '|')]
    [InlineData("filename,class,score\na.jpg,Dog,97.5\n", ',')]
    [InlineData("a.jpg;Dog;97,5\n", ';')]
    [InlineData("\n\nfilename;note;class;score\r\na.jpg;\"x;\ny,z\";Dog;97,5\r\n", ';')]
    public async Task Read_AnyDelimiter_IsFoundAndTold(string body, char delimiter)
    {
        var (lines, reading) = await Corpus.ReadAsync(body, "csv");
        Assert.Equal("a.jpg Dog 97.5", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(delimiter, reading.Delimiter);
    }

    /// <summary>What divides the header in the names that are known is believed, whatever else is in the lines.</summary>
    [Fact]
    public async Task Read_OtherDelimitersInTheFields_DontMislead()
    {
        var (lines, reading) = await Corpus.ReadAsync("filename,class,score\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"a;b|c;d|{n}.jpg,Dog;x;y|z,90\n")), "csv");
        Assert.Equal((30, ','), (lines.Count(line => line.Item is not null), reading.Delimiter));
    }

    [Fact]
    public async Task Read_DelimiterThatIsSaid_IsTaken()
    {
        var (lines, _) = await Corpus.ReadAsync("filename;class;score\na.jpg;Dog;90\n", "csv", new CorpusOptions { Delimiter = ';' });
        Assert.NotNull(Assert.Single(lines).Item);
        await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync("filename;class;score\na.jpg;Dog;90\n", "csv", new CorpusOptions { Delimiter = ',' }));
    }

    [Fact]
    public async Task Read_Tsv_HasTabs()
    {
        var (lines, reading) = await Corpus.ReadAsync("filename\tclass\nx, y.jpg\tDog\n", "tsv");
        Assert.Equal("x, y.jpg Dog -", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(('\t', true, "filename", "class", null), (reading.Delimiter, reading.Header, reading.Image, reading.Label, reading.Confidence));
    }

    [Theory]
    [InlineData("bild,klasse,wert\na.jpg,Dog,90\n", "bild", "klasse", "wert", true)]
    [InlineData("bild,klasse,wert\na.jpg,Dog,90\n", "1", "2", "3", true)]
    [InlineData("90,Dog,x,a.jpg\n", "4", "2", "1", false)]
    [InlineData("bild,label,wert\na.jpg,Dog,90\n", "BILD", null, "wert", true)]
    public async Task Read_ColumnsThatAreSaid_AreTakenByNameOrPosition(string body, string image, string? label, string confidence, bool header)
    {
        var (lines, reading) = await Corpus.ReadAsync(body, "csv", new CorpusOptions { Image = image, Label = label, Confidence = confidence });
        Assert.Equal("a.jpg Dog 90", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(header, reading.Header);
    }

    [Theory]
    [InlineData("image,label,confidence\na.jpg,Dog,90\n", "bild", "none is 'bild', which was named for the image")]
    [InlineData("bild,bild,label\na.jpg,b.jpg,Dog\n", "bild", "'bild' and 'bild' both mean the image")]
    [InlineData("a.jpg,Dog,90\n", "1", "the image was named alone")]
    [InlineData("a.jpg\n", "1", "the image was named alone")]
    public async Task Read_ColumnThatIsNotThere_IsRefusedWithThoseThatAre(string body, string image, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv", new CorpusOptions { Image = image }))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("7", "2", null, "7 was named for the image")]
    [InlineData("1", "2", "9", "9 was named for the confidence")]
    [InlineData("1", "1", null, "one column was named twice")]
    public async Task Read_PositionsThatCantBe_AreRefused(string image, string label, string? confidence, string says) => Assert.Contains(
        says, (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync("a.jpg,Dog,90\n", "csv", new CorpusOptions { Image = image, Label = label, Confidence = confidence }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Read_HeaderAgain_IsRejectedWithItsPlace()
    {
        var (lines, _) = await Corpus.ReadAsync("image,label,confidence\na.jpg,Dog,90\nimage,label,confidence\nb.jpg,Dog,91\n", "csv");
        Assert.Equal(["a.jpg Dog 90", "3: the line is the header of line 1 again", "b.jpg Dog 91"], Corpus.Show(lines));
    }

    public static TheoryData<string, string?> Encodings => new()
    {
        { "utf-8", null }, { "utf-16", null }, { "utf-16BE", null }, { "iso-8859-1", "latin-1" }, { "windows-1252", "Windows-1252" }, { "utf-16", "utf-8" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Read_Encodings_ByMarkOrByName(string encoding, string? said)
    {
        var written = CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
        byte[] body = [.. written.GetPreamble(), .. written.GetBytes("image,label,confidence\nstraße.jpg,Kühlschrank,90\n")];
        var (lines, reading) = await Corpus.ReadAsync(body, "csv", new CorpusOptions { Encoding = said });
        Assert.Equal("straße.jpg Kühlschrank 90", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(written.WebName, reading.Encoding, ignoreCase: true);
    }

    [Fact]
    public async Task Read_EncodingThatIsUnknown_IsRefusedWithThoseThatAreKnown() =>
        Assert.Contains("windows-1252", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync("a.jpg,Dog,90", "csv", new CorpusOptions { Encoding = "ebcdic" }))).Message, StringComparison.Ordinal);
}

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

    /// <summary>By positions and without a number nothing tells names that nobody knows from an item; a picture does.</summary>
    [Theory]
    [InlineData("bild,klasse\na.jpg,Dog\n", null, null)]
    [InlineData("photos/1,Dog\n", null, null)]
    [InlineData("bild,klasse\na.jpg,Dog\n", true, "a.jpg Dog -")]
    [InlineData("photos/1,Dog\n", false, "photos/1 Dog -")]
    [InlineData("a.jpg,Dog\n", null, "a.jpg Dog -")]
    [InlineData("s3://b/a,Dog\n", null, "s3://b/a Dog -")]
    [InlineData("file,klasse\na.jpg,Dog\n", null, "a.jpg Dog -")]
    [InlineData("a.jpg,label\n", false, "a.jpg label -")]
    [InlineData("a.jpg,Dog\nb.jpg,Cat\n", true, "b.jpg Cat -")]
    public async Task Read_PositionsWithoutAConfidence_AreTakenWhereTheFirstLineIsKnown(string body, bool? header, string? says)
    {
        var options = new CorpusOptions { Image = "1", Label = "2", Header = header };
        if (says is not null) Assert.Equal(says, Corpus.Show(Assert.Single((await Corpus.ReadAsync(body, "csv", options)).Lines)));
        else Assert.Contains("?header=true", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv", options))).Message, StringComparison.Ordinal);
    }

    /// <summary>A confidence that is missing tells nothing either.</summary>
    [Fact]
    public async Task Read_PositionsAndAConfidenceThatIsMissing_AreRefusedUntilSomebodySays()
    {
        var options = new CorpusOptions { Image = "1", Label = "2", Confidence = "3" };
        await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync("photos/1,Dog,\n", "csv", options));
        Assert.Equal("photos/1 Dog -", Corpus.Show(Assert.Single((await Corpus.ReadAsync("photos/1,Dog,\n", "csv", options with { Header = false })).Lines)));
        Assert.Equal("photos/1 Dog 90", Corpus.Show(Assert.Single((await Corpus.ReadAsync("photos/1,Dog,90\n", "csv", options)).Lines)));
    }

    [Theory]
    [InlineData("a.jpg,Dog,90\n", false, "bild", "'bild' is the name of a column, which only a header has")]
    [InlineData("a.jpg,Dog,90\n", true, null, "no column is the image")]
    [InlineData("image,label,confidence\n", false, null, "the third is not a number")]
    public async Task Read_HeaderThatCantBe_IsRefused(string body, bool header, string? image, string says) => Assert.Contains(
        says, (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv", new CorpusOptions { Header = header, Image = image }))).Message, StringComparison.Ordinal);

    /// <summary>Else the line behind it would pass for the first.</summary>
    [Fact]
    public async Task Read_HeaderThatIsSaidAndIsNotUtf8_IsRefusedWhole()
    {
        var body = Encoding.Latin1.GetBytes("größe,klasse\na.jpg,Dog\n");
        var options = new CorpusOptions { Image = "1", Label = "2", Header = true };
        Assert.Contains("?encoding=", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv", options))).Message, StringComparison.Ordinal);
        Assert.Equal("a.jpg Dog -", Corpus.Show(Assert.Single((await Corpus.ReadAsync(body, "csv", options with { Encoding = "latin-1" })).Lines)));
    }

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

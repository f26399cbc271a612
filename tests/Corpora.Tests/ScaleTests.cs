using System.Text;

namespace BulkQA.Corpora.Tests;

public sealed class ScaleTests
{
    private static readonly CorpusOptions _fraction = new() { Scale = ConfidenceScale.Fraction };

    [Theory]
    [InlineData("csv", "image,label,confidence\na.jpg,Dog,0.97\nb.jpg,Dog,0.5\n", "2 confidences lie")]
    [InlineData("csv", "image,label,confidence\na.jpg,Dog,1\n", "the first confidence lies")]
    [InlineData("ndjson", "{\"image\":\"a.jpg\",\"label\":\"Dog\",\"confidence\":0.97}\n", "the first confidence lies")]
    public async Task Read_AllWithinZeroAndOneAndNoScale_IsRefusedAndSaysHowToSay(string format, string body, string says)
    {
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, format));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was imported", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("?scale=fraction", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ThousandWithinZeroAndOne_IsRefusedBeforeAnyLineAndWithoutReadingOn()
    {
        var body = new StringBuilder("image,label,confidence\n");
        for (var line = 0; line < 1_000; line++) body.Append("a.jpg,Dog,0.5\n");
        await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync($"{body}b.jpg,Dog,80\n", "csv"));
        var (lines, reading) = await Corpus.ReadAsync(body.ToString().Replace("0.5\n", "0.5\n", StringComparison.Ordinal)[..^"a.jpg,Dog,0.5\n".Length] + "b.jpg,Dog,80\n", "csv");
        Assert.Equal((1_000, ConfidenceScale.Percent), (lines.Count, reading.Scale));
        Assert.Equal("a.jpg Dog 0.5", Corpus.Show(lines[0]));
    }

    /// <summary>It is a thousand confidences that are looked at, however many records lack one between them.</summary>
    [Fact]
    public async Task Read_FewConfidencesAmongManyRecords_AreAllLookedAt()
    {
        var body = "image,label,confidence\na.jpg,Dog,0.5\n" + string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number}.jpg,Dog,\n"));
        Assert.Contains("the first confidence lies", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv"))).Message, StringComparison.Ordinal);
        var (lines, reading) = await Corpus.ReadAsync($"{body}x.jpg,Dog,80\n", "csv");
        Assert.Equal((20_002, ConfidenceScale.Percent), (lines.Count, reading.Scale));
        Assert.Equal(["a.jpg Dog 0.5", "0.jpg Dog -", "x.jpg Dog 80"], [Corpus.Show(lines[0]), Corpus.Show(lines[1]), Corpus.Show(lines[^1])]);
    }

    [Fact]
    public async Task Read_JobHoldsPercents_TakesThemAsPercents()
    {
        var (lines, reading) = await Corpus.ReadAsync("image,label,confidence\na.jpg,Dog,0.97\n", "csv", holdsPercents: true);
        Assert.Equal("a.jpg Dog 0.97", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(ConfidenceScale.Percent, reading.Scale);
    }

    /// <summary>By decimals: in doubles 0.29 times a hundred is another number.</summary>
    [Theory]
    [InlineData("0.29", "29")]
    [InlineData("0.97", "97")]
    [InlineData("1", "100")]
    [InlineData("1e-1", "10")]
    [InlineData("\"0,975\"", "97.5")]
    [InlineData("97%", "97")]
    [InlineData("0.123456789", "12.3456789")]
    public async Task Read_Fraction_IsTheExactPercent(string confidence, string percent) =>
        Assert.Equal($"a.jpg Dog {percent}", Corpus.Show(Assert.Single((await Corpus.ReadAsync($"image,label,confidence\na.jpg,Dog,{confidence}\n", "csv", _fraction)).Lines)));

    [Theory]
    [InlineData("97")]
    [InlineData("1.0001")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    public async Task Read_FractionThatIsNone_IsRejected(string confidence) =>
        Assert.Equal($"2: the confidence '{confidence}' is not a number from 0 to 1", Corpus.Show(Assert.Single((await Corpus.ReadAsync($"image,label,confidence\na.jpg,Dog,{confidence}\n", "csv", _fraction)).Lines)));

    [Theory]
    [InlineData("97,5", "97.5")]
    [InlineData("1e1", "10")]
    [InlineData("97 %", "97")]
    [InlineData("97.5%", "97.5")]
    public async Task Read_NumbersAsPeopleWriteThem_AreUnderstood(string confidence, string percent) =>
        Assert.Equal($"a.jpg Dog {percent}", Corpus.Show(Assert.Single((await Corpus.ReadAsync($"image;label;confidence\na.jpg;Dog;{confidence}\n", "csv")).Lines)));

    [Fact]
    public async Task Read_PercentSignBelowOne_IsNoFraction()
    {
        var (lines, reading) = await Corpus.ReadAsync("image,label,confidence\na.jpg,Dog,0.5%\n", "csv");
        Assert.Equal("a.jpg Dog 0.5", Corpus.Show(Assert.Single(lines)));
        Assert.Equal(ConfidenceScale.Percent, reading.Scale);
    }

    [Fact]
    public async Task Read_NoConfidenceAnywhere_NeedsNoScale()
    {
        var (lines, reading) = await Corpus.ReadAsync("image,label,confidence\na.jpg,Dog,\nb.jpg,Dog, \n", "csv");
        Assert.Equal(["a.jpg Dog -", "b.jpg Dog -"], Corpus.Show(lines));
        Assert.Null(reading.Scale);
    }

    /// <summary>Human-labelled rows first: they say nothing of the scale, and wait for what does, as long as memory allows.</summary>
    [Theory]
    [InlineData(30_000, "Nothing was imported", true)]
    [InlineData(100_000, "Nothing from there on was imported", false)]
    public async Task Read_ManyWithoutConfidenceAndThenFractions_AreRefusedBeforeAnyLineWhereTheyCanWait(int without, string says, bool beforeAny)
    {
        var body = "image,label,confidence\n" + string.Concat(Enumerable.Range(0, without).Select(number => $"{number}.jpg,Dog,\n")) + "x.jpg,Dog,0.97\n";
        using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(body)))
        {
            var lines = 0;
            var refusal = await Assert.ThrowsAsync<BadInputException>(async () =>
            {
                await foreach (var _ in Corpus.Lines(stream, "csv")) lines++;
            });
            Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(beforeAny, lines == 0);
        }
        Assert.Equal("x.jpg Dog 97", Corpus.Show((await Corpus.ReadAsync(body, "csv", _fraction)).Lines[^1]));
    }
}

using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Corpora.Tests;

/// <summary>Known answers, in the formats that have columns of any name.</summary>
public sealed class GoldTests
{
    public static TheoryData<string, string, string?> Corpora => new()
    {
        { "csv", "image,label,gold\na.jpg,Dog,right\nb.jpg,Dog, WRONG \nc.jpg,Dog,\nd.jpg,Dog,maybe\n", null },
        { "csv", "image,label,truth\na.jpg,Dog,1\nb.jpg,Dog,0\nc.jpg,Dog, \nd.jpg,Dog,2\n", "truth" },
        { "csv", "a.jpg,Dog,90,correct\nb.jpg,Dog,90,incorrect\nc.jpg,Dog,90,\nd.jpg,Dog,90,x\n", "4" },
        { "ndjson", """
            {"image":"a.jpg","label":"Dog","gold":"correct"}
            {"image":"b.jpg","label":"Dog","gold":"incorrect"}
            {"image":"c.jpg","label":"Dog","gold":null}
            {"image":"d.jpg","label":"Dog","gold":[1]}
            """, null },
        { "ndjson", """
            {"image":"a.jpg","label":"Dog","check":{"ok":true}}
            {"image":"b.jpg","label":"Dog","check":{"ok":false}}
            {"image":"c.jpg","label":"Dog"}
            {"image":"d.jpg","label":"Dog","check":{"ok":"?"}}
            """, "check.ok" },
    };

    [Theory]
    [MemberData(nameof(Corpora))]
    public async Task Read_ColumnOfGold_IsRightWrongOrToBeJudged(string format, string body, string? said)
    {
        var (lines, reading) = await Corpus.ReadAsync(body, format, new CorpusOptions { Gold = said, Image = said == "4" ? "1" : null, Label = said == "4" ? "2" : null, Confidence = said == "4" ? "3" : null });
        Assert.Equal([true, false, null], lines[..3].Select(line => line.Item!.Gold));
        Assert.Contains("is neither right nor wrong", lines[3].Problem, StringComparison.Ordinal);
        Assert.Equal(said ?? "gold", reading.Gold);
    }

    [Fact]
    public async Task Read_BooleansOfParquet_AreGold()
    {
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, [new Column<string>("image"), new Column<string>("label"), new Column<bool?>("gold")]))
        {
            using (var group = writer.AppendRowGroup())
            {
                using (var images = group.NextColumn().LogicalWriter<string>()) images.WriteBatch(["a.jpg", "b.jpg", "c.jpg"]);
                using (var labels = group.NextColumn().LogicalWriter<string>()) labels.WriteBatch(["Dog", "Dog", "Dog"]);
                using (var gold = group.NextColumn().LogicalWriter<bool?>()) gold.WriteBatch([true, false, null]);
            }
            writer.Close();
        }
        var (lines, reading) = await Corpus.ReadAsync(stream.ToArray(), "parquet", new CorpusOptions { Gold = "gold" });
        Assert.Equal([true, false, null], lines.Select(line => line.Item!.Gold));
        Assert.Equal("gold", reading.Gold);
    }

    /// <summary>It may flag gold, instead of saying what is known.</summary>
    [Fact]
    public async Task Read_TrueAndFalseOfAColumnThatNobodyNamed_AreRejected() => Assert.All(
        (await Corpus.ReadAsync("image,label,gold\na.jpg,Dog,true\nb.jpg,Dog,0\n", "csv")).Lines,
        line => Assert.Contains("name the column by ?gold=", line.Problem, StringComparison.Ordinal));

    [Fact]
    public async Task Read_ColumnThatIsSaidAndMissing_IsRefused() => Assert.Contains(
        "'truth', which was named for the gold",
        (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync("image,label\na.jpg,Dog\n", "csv", new CorpusOptions { Gold = "truth" }))).Message, StringComparison.Ordinal);
}

using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Corpora.Tests;

public sealed class ParquetFormatTests
{
    [Fact]
    public async Task Read_UsualColumnsInTwoGroups_AreItems()
    {
        var (lines, reading) = await Corpus.ReadAsync(Write("filename", "class", "score", [("a.jpg", "Dog", 97.5f), ("b.jpg", "Cat", null)], [("c.jpg", null, 0.25f)]), "parquet");
        Assert.Equal(["a.jpg Dog 97.5", "b.jpg Cat -", "3: the label is empty"], Corpus.Show(lines));
        Assert.Equal(("filename", "class", "score", ConfidenceScale.Percent), (reading.Image, reading.Label, reading.Confidence, reading.Scale));
    }

    [Fact]
    public async Task Read_Float32Fraction_IsThePercentThatWasMeant() => Assert.Equal(
        ["a.jpg Dog 97"],
        Corpus.Show((await Corpus.ReadAsync(Write("bild", "class", "p", [("a.jpg", "Dog", 0.97f)]), "parquet", new CorpusOptions { Image = "bild", Confidence = "3", Scale = ConfidenceScale.Fraction })).Lines));

    [Fact]
    public async Task Read_ColumnsThatAreNotThere_IsRefusedWithThoseThatAre() => Assert.Contains(
        "'bild', 'class', 'p', and no column is the image",
        (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(Write("bild", "class", "p", [("a.jpg", "Dog", 1f)]), "parquet"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("image,label,confidence\na.jpg,Dog,80\n")]
    public async Task Read_WhatIsNoParquet_IsRefused(string body) => await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "parquet"));

    internal static byte[] Write(string image, string label, string confidence, params (string? Image, string? Label, float? Confidence)[][] groups)
    {
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, [new Column<string>(image), new Column<string>(label), new Column<float?>(confidence)]))
        {
            foreach (var rows in groups)
            {
                using var group = writer.AppendRowGroup();
                using (var images = group.NextColumn().LogicalWriter<string?>()) images.WriteBatch(Array.ConvertAll(rows, row => row.Image));
                using (var labels = group.NextColumn().LogicalWriter<string?>()) labels.WriteBatch(Array.ConvertAll(rows, row => row.Label));
                using (var confidences = group.NextColumn().LogicalWriter<float?>()) confidences.WriteBatch(Array.ConvertAll(rows, row => row.Confidence));
            }
            writer.Close();
        }
        return stream.ToArray();
    }
}

using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Corpora.Tests;

/// <summary>Which model version an item is of, in the formats that have columns of any name, and said of the whole.</summary>
public sealed class ModelVersionTests
{
    public static TheoryData<string, string, string?, string> Corpora => new()
    {
        { "csv", "image,label,model_version\na.jpg,Dog,v1\nb.jpg,Dog, 2 \nc.jpg,Dog,\n", null, "model_version" },
        { "csv", "image,label,ModelVersion\na.jpg,Dog,v1\nb.jpg,Dog,2\nc.jpg,Dog, \n", null, "ModelVersion" },
        { "csv", "image,label,MODEL_VERSION\na.jpg,Dog,v1\nb.jpg,Dog,2\nc.jpg,Dog,\n", null, "MODEL_VERSION" },
        { "csv", "image,label,net\na.jpg,Dog,v1\nb.jpg,Dog,2\nc.jpg,Dog,\n", "net", "net" },
        { "csv", "a.jpg,Dog,90,v1\nb.jpg,Dog,90,2\nc.jpg,Dog,90,\n", "4", "4" },
        { "ndjson", """
            {"image":"a.jpg","label":"Dog","modelVersion":"v1"}
            {"image":"b.jpg","label":"Dog","modelVersion":2}
            {"image":"c.jpg","label":"Dog","modelVersion":null}
            """, null, "modelVersion" },
        { "ndjson", """
            {"image":"a.jpg","label":"Dog","by":{"name":"v1"}}
            {"image":"b.jpg","label":"Dog","by":{"name":2}}
            {"image":"c.jpg","label":"Dog"}
            """, "by.name", "by.name" },
    };

    [Theory]
    [MemberData(nameof(Corpora))]
    public async Task Read_ColumnOfVersions_IsThatOfEachItem(string format, string body, string? said, string column)
    {
        var isPlace = said == "4";
        var (lines, reading) = await Corpus.ReadAsync(body, format, new CorpusOptions { VersionColumn = said, Image = isPlace ? "1" : null, Label = isPlace ? "2" : null, Confidence = isPlace ? "3" : null });
        Assert.Equal(["v1", "2", null], lines.Select(line => line.Item!.Version?.Value));
        Assert.Equal(column, reading.Version);
    }

    [Theory]
    [InlineData("v 7", "v 7")]
    [InlineData("", null)]
    public async Task Read_SaidOfTheWhole_GoesBeforeColumns(string said, string? version)
    {
        foreach (var (format, body) in ((string, string)[])[("csv", "image,label,model_version\na.jpg,Dog,v1\nb.jpg,Dog,\n"), ("ndjson", """{"image":"a.jpg","label":"Dog","model_version":"v1"}""")])
        {
            var (lines, reading) = await Corpus.ReadAsync(body, format, new CorpusOptions { Version = said });
            Assert.All(lines, line => Assert.Equal(version, line.Item!.Version?.Value));
            Assert.Null(reading.Version);
        }
    }

    [Fact]
    public async Task Read_ColumnOfParquet_IsTheVersion()
    {
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, [new Column<string>("image"), new Column<string>("label"), new Column<int?>("model_version")]))
        {
            using (var group = writer.AppendRowGroup())
            {
                using (var images = group.NextColumn().LogicalWriter<string>()) images.WriteBatch(["a.jpg", "b.jpg"]);
                using (var labels = group.NextColumn().LogicalWriter<string>()) labels.WriteBatch(["Dog", "Dog"]);
                using (var versions = group.NextColumn().LogicalWriter<int?>()) versions.WriteBatch([7, null]);
            }
            writer.Close();
        }
        var (lines, reading) = await Corpus.ReadAsync(stream.ToArray(), "parquet");
        Assert.Equal(["7", null], lines.Select(line => line.Item!.Version?.Value));
        Assert.Equal("model_version", reading.Version);
    }

    [Fact]
    public async Task Read_VersionThatCantBe_RejectsItsLineAlone()
    {
        var (lines, _) = await Corpus.ReadAsync($"image,label,model_version\na.jpg,Dog,{new string('v', 101)}\nb.jpg,Dog,v1\n", "csv");
        Assert.Contains("101 UTF-8 bytes", lines[0].Problem, StringComparison.Ordinal);
        Assert.Equal("v1", lines[1].Item!.Version?.Value);
    }

    [Theory]
    [InlineData("{\"name\":\"v1\"}", "an object")]
    [InlineData("[1]", "an array")]
    public async Task Read_VersionThatIsNoText_RejectsItsLine(string version, string what)
    {
        var (lines, _) = await Corpus.ReadAsync($$"""{"image":"a.jpg","label":"Dog","model_version":{{version}}}""", "ndjson");
        Assert.Contains($"the model version is {what}", Assert.Single(lines).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image,label,modelVersion,model_version\na.jpg,Dog,1,2\n", null, "both mean the model version")]
    [InlineData("image,label\na.jpg,Dog\n", "net", "named for the model version")]
    public async Task Read_ColumnsThatLeaveItOpen_AreRefused(string body, string? said, string words) =>
        Assert.Contains(words, (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "csv", new CorpusOptions { VersionColumn = said }))).Message, StringComparison.Ordinal);
}

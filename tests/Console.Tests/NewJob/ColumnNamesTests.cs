using BulkQA.Web.NewJob;

namespace BulkQA.Web.Tests;

public sealed class ColumnNamesTests
{
    [Theory]
    [InlineData("csv", null, true, "file,\"a \"\"b\"\", c\",score", "file|a \"b\", c|score")]
    [InlineData("csv", null, true, "file;label, or so;score", "file|label, or so|score")]
    [InlineData("csv", "pipe", true, "a;b|c", "a;b|c")]
    [InlineData("tsv", null, true, "a\tb,c", "a|b,c")]
    [InlineData("csv", null, false, "1.jpg,,97", "1|2|3")]
    [InlineData("ndjson", null, true, """{"in":{"key":"a.jpg"},"Classes":[{"Name":"Dog","Score":0.9}],"n":1}""", "in.key|Classes[0].Name|Classes[0].Score|n")]
    [InlineData("ndjson", null, true, "{\"cut", "")]
    [InlineData("parquet", null, true, "PAR1", "")]
    public void Of_AFirstLine_IsWhatRestTakesForAColumn(string format, string? delimiter, bool header, string line, string expected)
    {
        var names = ColumnNames.Of(new CorpusReadingChoice { Format = format }, delimiter, header, line);
        Assert.Equal(expected, string.Join('|', names.Select(name => name.Value)));
    }
}

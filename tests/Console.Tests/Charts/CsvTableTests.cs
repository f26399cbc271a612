namespace BulkQA.Web.Tests;

public sealed class CsvTableTests
{
    [Fact]
    public void Write_OfTextsNumbersAndNothing_IsReadAsTheSame() =>
        Assert.Equal(
            ["label,difference,why", "\"Cat, big\",-3.25,", "\"a \"\"dog\"\"\",1000000,few", ""],
            new CsvTable(["label", "difference", "why"], [["Cat, big", -3.25, null], ["a \"dog\"", 1_000_000L, "few"]]).Write().Split("\r\n"));

    [Theory]
    [InlineData("=1+1")]
    [InlineData("@cmd")]
    [InlineData("-2+3")]
    [InlineData("+1")]
    public void Write_OfATextThatASpreadsheetRuns_IsText(string label) =>
        Assert.Equal($"label\r\n'{label}\r\n", new CsvTable(["label"], [[label]]).Write());

    [Fact]
    public void Of_EachView_HasAValueForEachColumn()
    {
        CsvTable[] all =
        [
            ViewNumbers.Of([new DiagramBinModel()]), ViewNumbers.Of([new ThresholdPointModel()]), ViewNumbers.Of([new ClassThresholdModel()]), ViewNumbers.Of([new ClassComparisonModel()]),
            ViewNumbers.Of([new DayModel()]), ViewNumbers.Of([new CorrectionModel()]), ViewNumbers.Of([new DecisionModel()]), ViewNumbers.Of([new WorkerModel()]), ViewNumbers.Of([new Workers.Accuracy(new WorkerModel(), 1, default, default)]),
        ];
        Assert.All(all, table => Assert.Equal(table.Columns.Count, Assert.Single(table.Rows).Count));
    }
}

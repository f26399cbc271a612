using System.Text;

namespace BulkQA.Core.Tests;

public sealed class BatchCutterTests
{
    [Theory]
    [InlineData(0, true, "")]
    [InlineData(24, true, "0+24")]
    [InlineData(24, false, "")]
    [InlineData(25, false, "0+25")]
    [InlineData(68, true, "0+25 25+25 50+18")]
    [InlineData(68, false, "0+25 25+25")]
    public void Cut_Images_GivesFullBatchesAndARemainder(int images, bool remainder, string batches) =>
        Assert.Equal(batches, string.Join(' ', BatchCutter.Cut(images, 25, remainder).Select(batch => $"{batch.Start}+{batch.Length}")));

    [Fact]
    public void Inputs_Written_ReadBackAndHaveTheConfidenceAsText()
    {
        LabelingInput[] images = [LabelingInput.Of(ImageUrl.Create("s3://b/1.jpg"), Label.Create("Dog"), Percent.Create(87.27))];
        var json = LabelingInput.WriteArray(images);
        Assert.Equal("""[{"s3_image_url":"s3://b/1.jpg","label":"Dog","confidence":"87.27"}]""", Encoding.UTF8.GetString(json));
        Assert.Equal(images, LabelingInput.ReadArray(json));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{\"label\":\"Dog\"}]")]
    [InlineData("[")]
    public void Inputs_Malformed_AreRefused(string json) =>
        Assert.Throws<FormatException>(() => LabelingInput.ReadArray(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Manifest_Line_NamesTheInputs() => Assert.Equal(
        "{\"source-ref\":\"s3://b/jobs/x/custom-labeling-inputs/0.json\"}\n",
        Encoding.UTF8.GetString(Manifest.Line(Manifest.InputsUri("s3://b/jobs/x/", new TaskNumber(0)))));
}

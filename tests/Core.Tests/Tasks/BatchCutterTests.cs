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
        LabelingInput[] images = [LabelingInput.Of(ImageUrl.Create("s3://b/1.jpg"), Label.Create("Dog"), Percent.Create(87.27), new TaskPolicy(VerdictPolicy.Quorum(2), 3))];
        var json = LabelingInput.WriteArray(images);
        Assert.Equal("""[{"s3_image_url":"s3://b/1.jpg","label":"Dog","confidence":"87.27","policy":"quorum(2)","policyRevision":3}]""", Encoding.UTF8.GetString(json));
        Assert.Equal(images, LabelingInput.ReadArray(json));
        Assert.Equal(new TaskPolicy(VerdictPolicy.Quorum(2), 3), TaskPolicy.Of(LabelingInput.ReadArray(json), out _));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","confidence":"87"}]""", null)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","policy":"ranked(0.95)","policyRevision":3}]""", "policy: 'ranked(0.95)' is not known")]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","policy":"majority"},{"s3_image_url":"b","label":"Dog"}]""", "policy: the images name different ones")]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","policy":"majority","policyRevision":1},{"s3_image_url":"b","label":"Dog","policy":"majority","policyRevision":2}]""", "policy: the images name different ones")]
    public void PolicyOfInputs_NoneThatCanBeFollowed_IsNoneAndAProblemWhereOneIsNamed(string json, string? problem)
    {
        Assert.Null(TaskPolicy.Of(LabelingInput.ReadArray(Encoding.UTF8.GetBytes(json)), out var found));
        if (problem is null) Assert.Null(found);
        else Assert.StartsWith(problem, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{\"label\":\"Dog\"}]")]
    [InlineData("[")]
    public void Inputs_Malformed_AreRefused(string json) =>
        Assert.Throws<BadInputException>(() => LabelingInput.ReadArray(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Manifest_Line_NamesTheInputs() => Assert.Equal(
        "{\"source-ref\":\"s3://b/jobs/x/custom-labeling-inputs/0.json\"}\n",
        Encoding.UTF8.GetString(Manifest.Line(Manifest.InputsUri("s3://b/jobs/x/", new TaskNumber(0)))));
}

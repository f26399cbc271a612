using System.Text;

namespace BulkQA.Core.Tests;

/// <summary>What the inputs of a task say of its boxes.</summary>
public sealed class LabelingInputTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(BoxesAtStart.Ticked, ""","boxesAtStart":"ticked"}""")]
    [InlineData(BoxesAtStart.Unticked, ""","boxesAtStart":"unticked"}""")]
    // Ground Truth's page can't hold back a batch.
    [InlineData(BoxesAtStart.Neither, ""","boxesAtStart":"unticked"}""")]
    public void Inputs_OfEachStart_SayItAndNothingWhereTheTemplateDecides(BoxesAtStart? start, string said)
    {
        LabelingInput[] images = [LabelingInput.Of(ImageUrl.Create("s3://b/1.jpg"), Label.Create("Dog"), null, new TaskPolicy(VerdictPolicy.Unanimous, 3), start)];
        var json = LabelingInput.WriteArray(images);
        Assert.EndsWith($"\"policyRevision\":3{(said.Length > 0 ? said : "}")}]", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.Equal(images, LabelingInput.ReadArray(json));
        // The template sees it as it is.
        Assert.Contains(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(PreLabelingRequest.Response(LabelingInput.ReadArray(json))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", BoxesAtStart.Unknown)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog"}]""", BoxesAtStart.Unknown)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","boxesAtStart":"unticked"},{"s3_image_url":"b","label":"Dog","boxesAtStart":"unticked"}]""", BoxesAtStart.Unticked)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","boxesAtStart":"ticked"},{"s3_image_url":"b","label":"Dog"}]""", BoxesAtStart.Unknown)]
    [InlineData("""[{"s3_image_url":"a","label":"Dog","boxesAtStart":"half"}]""", BoxesAtStart.Unknown)]
    public void StartOf_Inputs_IsWhatAllOfThemSay(string json, BoxesAtStart start) =>
        Assert.Equal(start, LabelingInput.StartOf(LabelingInput.ReadArray(Encoding.UTF8.GetBytes(json))));
}

namespace BulkQA.Corpora.Tests;

/// <summary>Answers as https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html describes them.</summary>
public sealed class RekognitionFormatTests
{
    private const string Answers = """
        {"image":"a.jpg","LabelModelVersion":"3.0","Labels":[{"Name":"Animal","Confidence":88.5,"Parents":[],"Instances":[]},{"Name":"Dog","Confidence":97.25,"Parents":[{"Name":"Animal"}]}]}
        {"Image":{"S3Object":{"Bucket":"pets","Name":"b c.jpg"}},"response":{"CustomLabels":[{"Name":"Dachshund","Confidence":71.5,"Geometry":{}}]}}
        {"image":"c.jpg","Labels":[]}
        {"image":"d.jpg"}
        {"Labels":[{"Name":"Dog","Confidence":97}]}
        """;

    [Fact]
    public async Task Read_Answers_TakesTheSurestLabel() => Assert.Equal(
        ["a.jpg Dog 97.25", "s3://pets/b c.jpg Dachshund 71.5", "3: Rekognition found no label", "4: there are neither Labels nor CustomLabels", "5: no property is the image; say which is by ?image="],
        Corpus.Show((await Corpus.ReadAsync(Answers, "rekognition")).Lines));

    [Fact]
    public async Task Read_AllLabels_AreAnItemEach() => Assert.Equal(
        ["a.jpg Animal 88.5", "a.jpg Dog 97.25"],
        Corpus.Show((await Corpus.ReadAsync(Answers, "rekognition", new CorpusOptions { AllLabels = true })).Lines).Take(2));
}

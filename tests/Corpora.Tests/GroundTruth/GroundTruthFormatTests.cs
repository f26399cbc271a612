namespace BulkQA.Corpora.Tests;

/// <summary>Lines as https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html describes them.</summary>
public sealed class GroundTruthFormatTests
{
    [Fact]
    public async Task Read_ImageClassification_TakesClassNameAndConfidence()
    {
        var (lines, reading) = await Corpus.ReadAsync(
            """
            {"source-ref":"s3://pets/a.jpg","species":0,"species-metadata":{"class-name":"Dog","confidence":0.94,"type":"groundtruth/image-classification","job-name":"labeling-job/species","human-annotated":"yes","creation-date":"2026-01-01T00:00:00.000"}}
            {"source-ref":"s3://pets/b.jpg","species":1,"species-metadata":{"class-name":"Cat","confidence":0.00,"type":"groundtruth/image-classification","job-name":"labeling-job/species","human-annotated":"no"}}
            {"source-ref":"s3://pets/c.jpg","species-metadata":{"failure-reason":"ClientError: the image can't be read","type":"groundtruth/image-classification"}}
            {"source":"a text","species":0,"species-metadata":{"class-name":"Dog"}}
            {"source-ref":"s3://pets/d.jpg"}
            {"source-ref":"s3://pets/e.jpg","species":0,"species-metadata":{"type":"groundtruth/image-classification"}}
            """, "groundtruth");
        Assert.Equal(
            [
                "s3://pets/a.jpg Dog 94", "s3://pets/b.jpg Cat 0", "3: Ground Truth failed on the object: ClientError: the image can't be read",
                "4: the object is a text (source), not an image (source-ref)", "5: there is no 'species-metadata'", "6: 'species' has no class-name, no class-map and no text that could be the label",
            ], Corpus.Show(lines));
        Assert.Equal(("source-ref", "species", "species-metadata", ConfidenceScale.Fraction), (reading.Image, reading.Label, reading.Confidence, reading.Scale));
    }

    [Fact]
    public async Task Read_SeveralLabels_AreAnItemEach() => Assert.Equal(
        ["s3://pets/a.jpg Dog 95", "s3://pets/a.jpg Cat 77"],
        Corpus.Show((await Corpus.ReadAsync("""{"source-ref":"s3://pets/a.jpg","tags":[0,1],"tags-metadata":{"class-map":{"0":"Dog","1":"Cat"},"confidence-map":{"0":0.95,"1":0.77},"type":"groundtruth/image-classification-multilabel"}}""", "groundtruth")).Lines));

    [Fact]
    public async Task Read_CustomText_IsTheLabelWithoutConfidence() => Assert.Equal(
        ["s3://pets/a.jpg Dog -"],
        Corpus.Show((await Corpus.ReadAsync("""{"source-ref":"s3://pets/a.jpg","kind":"Dog","kind-metadata":{"type":"groundtruth/custom","job-name":"kind","human-annotated":"yes"}}""", "groundtruth")).Lines));

    private const string Chained = """
        {"source-ref":"s3://pets/a.jpg","species":0,"species-metadata":{"class-name":"Dog","confidence":0.9},"checked":1,"checked-metadata":{"class-name":"incorrect","confidence":0.6,"type":"groundtruth/label-verification"}}
        """;

    [Theory]
    [InlineData("species", "s3://pets/a.jpg Dog 90")]
    [InlineData("checked", "s3://pets/a.jpg incorrect 60")]
    public async Task Read_SeveralAttributes_TakesTheNamed(string attribute, string item) =>
        Assert.Equal([item], Corpus.Show((await Corpus.ReadAsync(Chained, "groundtruth", new CorpusOptions { Attribute = attribute })).Lines));

    [Fact]
    public async Task Read_SeveralAttributesAndNoneNamed_IsRefusedWithTheirNames() =>
        Assert.Contains("'species', 'checked'", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(Chained, "groundtruth"))).Message, StringComparison.Ordinal);
}

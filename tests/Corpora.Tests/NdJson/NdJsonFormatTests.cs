namespace BulkQA.Corpora.Tests;

public sealed class NdJsonFormatTests
{
    [Theory]
    [InlineData("""{"File":"a.jpg","Class":"Dog","SCORE":90}""", "File", "Class", "SCORE")]
    [InlineData("""{"uri":"a.jpg","category":"Dog","probability":"90"}""", "uri", "category", "probability")]
    [InlineData("""{"prediction":"Cat","label":"Dog","path":"b.jpg","image":"a.jpg","score":1,"confidence":90}""", "image", "label", "confidence")]
    public async Task Read_UsualNames_AreUnderstoodInTheirOrder(string line, string image, string label, string confidence)
    {
        var (lines, reading) = await Corpus.ReadAsync(line, "ndjson");
        Assert.Equal("a.jpg Dog 90", Corpus.Show(Assert.Single(lines)));
        Assert.Equal((image, label, confidence), (reading.Image, reading.Label, reading.Confidence));
    }

    /// <summary>What Amazon Comprehend's classifiers answer, joined with their input.</summary>
    [Fact]
    public async Task Read_PathsThatAreSaid_ReachInto()
    {
        var (lines, _) = await Corpus.ReadAsync(
            """
            {"input":{"key":"a.jpg"},"Classes":[{"Name":"Dog","Score":0.97},{"Name":"Cat","Score":0.02}]}
            {"input":{"key":"b.jpg"},"Classes":[]}
            {"input.key":"c.jpg","Classes":[{"Name":"Cat"}]}
            """,
            "ndjson", new CorpusOptions { Image = "input.key", Label = "Classes[0].Name", Confidence = "Classes.0.Score", Scale = ConfidenceScale.Fraction });
        Assert.Equal(["a.jpg Dog 97", "2: there is no 'Classes.0.Score', which was named for the confidence", "3: there is no 'Classes.0.Score', which was named for the confidence"], Corpus.Show(lines));
    }

    [Fact]
    public async Task Read_NoConfidence_IsNone() =>
        Assert.Equal(["a.jpg Dog -", "b.jpg Dog -"], Corpus.Show((await Corpus.ReadAsync("{\"image\":\"a.jpg\",\"label\":\"Dog\"}\n{\"image\":\"b.jpg\",\"label\":\"Dog\",\"confidence\":null}", "ndjson")).Lines));

    /// <summary>What is there and is no number is not taken for none.</summary>
    [Theory]
    [InlineData("true", "true")]
    [InlineData("[0.9]", "[…]")]
    [InlineData("{\"dog\":0.9}", "{…}")]
    public async Task Read_ConfidenceThatIsNoNumber_IsRejected(string confidence, string shown) => Assert.Equal(
        $"1: the confidence '{shown}' is not a number from 0 to 100", Corpus.Show(Assert.Single((await Corpus.ReadAsync($"{{\"image\":\"a.jpg\",\"label\":\"Dog\",\"confidence\":{confidence}}}", "ndjson")).Lines)));
}

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

    /// <summary>As one library that reads the whole object has it: the whole name before the path, and the last of a repeated one.</summary>
    [Theory]
    [InlineData("""{"a":{"b":"x.jpg"},"a.b":"a.jpg","a":{"b":"y.jpg"},"label":"Dog"}""")]
    [InlineData("""{"a":{"b":"x.jpg"},"a":{"b":"a.jpg"},"label":"Dog"}""")]
    [InlineData("""{"a":{"b":"a.jpg","c":[{"b":1}]},"label":"Cat","label":"Dog","image":"x.jpg","s3_image_url":"s3://b/x.jpg"}""")]
    public async Task Read_PathBesideOthersOfItsName_IsTheOneThatCounts(string line) =>
        Assert.Equal("a.jpg Dog -", Corpus.Show(Assert.Single((await Corpus.ReadAsync(line, "ndjson", new CorpusOptions { Image = "a.b" })).Lines)));

    /// <summary>One property may hold several of the three, and be one by its usual name.</summary>
    [Fact]
    public async Task Read_PathsIntoOneProperty_AreEachFound()
    {
        var options = new CorpusOptions { Image = "label.file", Confidence = "label.p" };
        var (lines, _) = await Corpus.ReadAsync(
            """
            {"label":{"file":"a.jpg","p":90},"class":"Dog"}
            {"label":"Dog"}
            {"label":{"file":{},"p":90},"class":"Dog"}
            {"label":{"file":"\ud800","p":90},"class":"Dog"}
            """,
            "ndjson", options);
        // The label goes by the first of its usual names, and that is no text here.
        Assert.StartsWith("1: the label", Corpus.Show(lines[0]), StringComparison.Ordinal);
        Assert.Equal("2: there is no 'label.p', which was named for the confidence", Corpus.Show(lines[1]));
        Assert.StartsWith("3: the image URL", Corpus.Show(lines[2]), StringComparison.Ordinal);
        Assert.Equal("4: a text of the line is not valid Unicode", Corpus.Show(lines[3]));
        options = options with { Label = "label.name" };
        Assert.Equal("a.jpg Dog 90", Corpus.Show(Assert.Single((await Corpus.ReadAsync("""{"label":{"file":"a.jpg","p":90,"name":"Dog"}}""", "ndjson", options)).Lines)));
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

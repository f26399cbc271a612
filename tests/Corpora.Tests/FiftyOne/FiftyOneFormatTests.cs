namespace BulkQA.Corpora.Tests;

public sealed class FiftyOneFormatTests
{
    private const string Samples = """
        {"name":"pets","samples":[
          {"filepath":"data/a.jpg","tags":["train"],"predictions":{"_cls":"Classification","label":"Dog","confidence":0.97,"logits":null},"ground_truth":{"_cls":"Classification","label":"Cat","confidence":null}},
          {"filepath":"data/b.jpg","predictions":{"_cls":"Classification","label":"Cat","confidence":0.5}},
          {"filepath":"data/c.jpg","predictions":null},
          {"predictions":{"_cls":"Classification","label":"Cat"}}
        ]}
        """;

    [Theory]
    [InlineData("predictions", "data/a.jpg Dog 97", "data/b.jpg Cat 50")]
    [InlineData("ground_truth", "data/a.jpg Cat -", "2: the field 'ground_truth' has no label")]
    public async Task Read_FieldThatIsSaid_IsTaken(string field, string first, string second)
    {
        var (lines, _) = await Corpus.ReadAsync(Samples, "fiftyone", new CorpusOptions { Label = field });
        Assert.Equal([first, second, $"3: the field '{field}' has no label", "4: the sample has no filepath"], Corpus.Show(lines));
    }

    [Fact]
    public async Task Read_SeveralClassificationsAndNoneNamed_IsRefusedWithTheirNames() =>
        Assert.Contains("'predictions', 'ground_truth'", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(Samples, "fiftyone"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Read_OneClassification_IsFound() => Assert.Equal(
        ["a.jpg Dog 97", "2: the field 'x' has no label"],
        Corpus.Show((await Corpus.ReadAsync("""{"samples":[{"filepath":"a.jpg","x":{"_cls":"Classification","label":"Dog","confidence":0.97}},{"filepath":"b.jpg","y":{"_cls":"Classification","label":"Dog"}}]}""", "fiftyone")).Lines));
}

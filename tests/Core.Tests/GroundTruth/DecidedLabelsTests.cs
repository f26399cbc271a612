using System.Text;

namespace BulkQA.Core.Tests;

public sealed class DecidedLabelsTests
{
    private static readonly DecidedLabels _decided = new(1, 3, [80, 90, 100], [new DecidedLabel("Cat", ["80-90", "unknown"]), new DecidedLabel("犬 # / 🐕")]);

    [Theory]
    [InlineData("犬 # / 🐕:1", true)]
    [InlineData("犬 # / 🐕:1 Cat:85", true)]
    [InlineData("Cat:80 Cat: Cat:89.99", true)]
    [InlineData("Cat:80 Cat:90", false)]
    [InlineData("Cat:79.9", false)]
    [InlineData("cat:85", false)]
    [InlineData("Dog:85", false)]
    [InlineData("", false)]
    public void Covers_Images_OnlyWhereAllAreOfWhatIsDecided(string images, bool covers)
    {
        var read = DecidedLabels.Read(_decided.Write());
        Assert.Equal(covers, read.Covers([.. images.Replace("犬 # / 🐕", "D", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(image => image.Split(':')).Select(parts =>
            new LabelingInput("s3://b/1", parts[0] == "D" ? "犬 # / 🐕" : parts[0], parts[1].Length == 0 ? null : parts[1]))]));
    }

    [Fact]
    public void Covers_ConfidenceThatIsNone_IsRefused() => Assert.Contains("'often'", Assert.Throws<BadInputException>(() => _decided.Covers([new LabelingInput("s3://b/1", "Cat", "often")])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("nonsense", "not the JSON")]
    [InlineData("null", "lack edges")]
    [InlineData("""{"version":1,"revision":1,"edges":[0,100]}""", "lack edges")]
    [InlineData("""{"version":1,"revision":1,"edges":[0,100],"classes":[{}]}""", "lack edges")]
    [InlineData("""{"version":1,"revision":1,"edges":[0,100],"classes":[null]}""", "lack edges")]
    [InlineData("""{"version":2,"revision":1,"edges":[0,100],"classes":[]}""", "version 2")]
    [InlineData("""{"version":1,"revision":1,"edges":[100,0],"classes":[]}""", "must ascend")]
    [InlineData("""{"version":1,"revision":1,"edges":[0,100],"classes":[{"label":"A"},{"label":"A"}]}""", "twice")]
    public void Read_WhatCannotBeUnderstood_IsRefusedWithAReason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<BadInputException>(() => DecidedLabels.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_WhatALaterReleaseAdds_IsLeftOut() =>
        Assert.Equal(["A"], DecidedLabels.Read("""{"version":1,"revision":1,"edges":[0,100],"classes":[{"label":"A","since":5}],"by":{}}"""u8).Classes.Select(entry => entry.Label));

    [Fact]
    public void UriFor_Inputs_IsBesideThem()
    {
        var life = Incarnation.New(JobName.Create("Dogs"));
        Assert.True(ObjectUri.TryParse(Manifest.InputsUri($"s3://b/some/where/jobs/{life}/", new TaskNumber(12)), out var inputs));
        Assert.Equal($"s3://b/some/where/jobs/{life}/decisions.json", DecidedLabels.UriFor(inputs).ToString());
    }

    [Theory]
    [InlineData("s3://b/inputs/0.json")]
    [InlineData("s3://b/jobs/dogs/custom-labeling-inputs/0.json")]
    [InlineData("s3://b/custom-labeling-inputs/0.json")]
    public void UriFor_InputsOfOthers_IsNone(string uri)
    {
        Assert.True(ObjectUri.TryParse(uri, out var inputs));
        Assert.Null(DecidedLabels.UriFor(inputs));
    }
}

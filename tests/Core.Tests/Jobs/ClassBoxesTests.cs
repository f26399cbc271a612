namespace BulkQA.Core.Tests;

public sealed class ClassBoxesTests
{
    [Fact]
    public void Create_SomeClasses_AreOrderedAndReadAgain()
    {
        Assert.True(ClassBoxes.TryCreate([Of("犬 # / 🐕", "neither"), Of("Cat: a, b", "unticked"), Of("cat", "ticked")], out var boxes, out _));
        Assert.Equal(["Cat: a, b", "cat", "犬 # / 🐕"], boxes.Values.Keys.Select(label => label.Value));
        Assert.Equal((BoxesAtStart.Unticked, null), (boxes.Of(Label.Create("Cat: a, b")), boxes.Of(Label.Create("Cat"))));
        var read = ClassBoxes.Parse(boxes.ToString());
        Assert.Equal((boxes, boxes.GetHashCode()), (read, read.GetHashCode()));
        Assert.NotEqual(boxes, ClassBoxes.None);
    }

    [Fact]
    public void Create_None_IsNone()
    {
        Assert.True(ClassBoxes.TryCreate([], out var boxes, out _));
        Assert.Same(ClassBoxes.None, boxes);
        Assert.Equal(boxes, ClassBoxes.Parse(boxes.ToString()));
    }

    [Fact]
    public void Create_SeveralWrong_NamesEach()
    {
        Assert.False(ClassBoxes.TryCreate([Of("", "ticked"), Of("Dog", "random(7)"), Of("Cat", null), Of("Cow", "unticked"), Of("a\nb", "ticked")], out _, out var problem));
        Assert.Contains("'': the label is empty", problem, StringComparison.Ordinal);
        Assert.Contains("'Dog': 'random(7)' is none of ticked, unticked and neither", problem, StringComparison.Ordinal);
        Assert.Contains("'Cat': ''", problem, StringComparison.Ordinal);
        Assert.Contains("'a\nb': ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Cow", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_MoreThanTheMost_IsRefused()
    {
        Assert.True(ClassBoxes.TryCreate(Many(ClassBoxes.Max), out _, out _));
        Assert.False(ClassBoxes.TryCreate(Many(ClassBoxes.Max + 1), out _, out var problem));
        Assert.Equal("101 classes, 100 is the most", problem);

        static IEnumerable<KeyValuePair<string, string?>> Many(int count) => Enumerable.Range(0, count).Select(number => Of($"c{number}", "unticked"));
    }

    [Theory]
    [InlineData("unticked")]
    [InlineData("half\tDog")]
    [InlineData("unticked\tDog\n")]
    public void Parse_SomethingElse_IsRefused(string text) => Assert.Throws<BadInputException>(() => ClassBoxes.Parse(text));

    private static KeyValuePair<string, string?> Of(string label, string? state) => new(label, state);
}

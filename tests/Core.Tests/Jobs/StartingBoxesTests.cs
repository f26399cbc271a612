namespace BulkQA.Core.Tests;

public sealed class StartingBoxesTests
{
    [Theory]
    [InlineData("ticked", BoxesAtStart.Ticked)]
    [InlineData("unticked", BoxesAtStart.Unticked)]
    [InlineData("neither", BoxesAtStart.Neither)]
    public void Parse_OneState_IsPrintedAsItWasWrittenAndHoldsForEveryTask(string text, BoxesAtStart state)
    {
        Assert.True(StartingBoxes.TryParse(text, out var boxes));
        Assert.Equal((text, null), (boxes.ToString(), boxes.Seed));
        Assert.All(Enumerable.Range(0, 100), task => Assert.Equal(state, boxes.For(new TaskNumber(task))));
        StartingBoxes[] same = [StartingBoxes.Ticked, StartingBoxes.Unticked, StartingBoxes.Neither];
        Assert.Single(same, boxes);
    }

    [Theory]
    [InlineData("random(0)", 0)]
    [InlineData("random(2147483647)", int.MaxValue)]
    public void Parse_Random_IsPrintedAsItWasWritten(string text, int seed)
    {
        Assert.True(StartingBoxes.TryParse(text, out var boxes));
        Assert.Equal((text, StartingBoxes.Random(seed)), (boxes.ToString(), boxes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Ticked")]
    [InlineData("unknown")]
    [InlineData("random")]
    [InlineData("random(")]
    [InlineData("random()")]
    [InlineData("random)")]
    [InlineData("random(-1)")]
    [InlineData("random( 1)")]
    [InlineData("random(2147483648)")]
    public void Parse_Unknown_Fails(string? text)
    {
        Assert.False(StartingBoxes.TryParse(text, out _));
        if (text is not null) Assert.Throws<BadInputException>(() => StartingBoxes.Parse(text));
    }

    /// <summary>Jobs of a release before say nothing.</summary>
    [Fact]
    public void Parse_Nothing_IsAsItAlwaysWas()
    {
        Assert.Equal(StartingBoxes.Ticked, StartingBoxes.Parse(null));
        Assert.Equal(ClassBoxes.None, ClassBoxes.Parse(null));
    }

    /// <summary>It could not be read again.</summary>
    [Fact]
    public void Random_NegativeSeed_IsAFault() => Assert.Throws<ArgumentOutOfRangeException>(() => StartingBoxes.Random(-1));

    /// <summary>Half of 100,000 tasks but for four standard deviations (4 * 158), and neighbours alike as often as not.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2026)]
    public void Random_ManyTasks_AreHalfTickedAndHalfUnticked(int seed)
    {
        var states = Enumerable.Range(0, 100_000).Select(task => StartingBoxes.Random(seed).For(new TaskNumber(task))).ToList();
        Assert.Equal([BoxesAtStart.Ticked, BoxesAtStart.Unticked], states.Distinct().Order());
        Assert.InRange(states.Count(state => state == BoxesAtStart.Ticked), 50_000 - 632, 50_000 + 632);
        Assert.InRange(states.Zip(states.Skip(1)).Count(pair => pair.First == pair.Second), 50_000 - 632, 50_000 + 632);
    }

    /// <summary>What a task began with is part of its answers: another release must not say otherwise.</summary>
    [Fact]
    public void Random_Task_BeginsAsItDidInEveryRelease() => Assert.Equal(
        "uuttutuutuuuttutttttuttuttuuttuu",
        string.Concat(Enumerable.Range(0, 32).Select(task => StartingBoxes.Random(7).For(new TaskNumber(task)) == BoxesAtStart.Ticked ? 't' : 'u')));

    [Fact]
    public void Settings_ClassesOfTheirOwn_BeginAsTheySay()
    {
        var plain = new JobSettings();
        Assert.Null(plain.BoxesOf(Label.Create("Dog"), default));
        var settings = plain with { Boxes = StartingBoxes.Random(7), BoxesByClass = ClassBoxes.Parse("neither\tCat\nticked\tDog") };
        Assert.Equal(BoxesAtStart.Ticked, settings.BoxesOf(Label.Create("Dog"), new TaskNumber(4)));
        Assert.Equal(BoxesAtStart.Neither, settings.BoxesOf(Label.Create("Cat"), new TaskNumber(4)));
        Assert.Equal(settings.Boxes.For(new TaskNumber(4)), settings.BoxesOf(Label.Create("cat"), new TaskNumber(4)));
    }
}

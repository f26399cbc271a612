namespace BulkQA.Core.Tests;

public sealed class JobWorkTests
{
    private static readonly ImageUrl _first = ImageUrl.Create("s3://b/1");

    [Theory]
    [InlineData(" Look twice.\r\n\tThen answer.\r ", "Look twice.\n\tThen answer.")]
    [InlineData(" \n ", null)]
    [InlineData(null, null)]
    public void Tidy_OfAText_LeavesLinesAndNothingAround(string? text, string? expected) => Assert.Equal(expected, PlainText.Tidy(text));

    [Fact]
    public void Work_OfALongText_OrOneOfControlCharacters_IsRefused()
    {
        Assert.Empty(new JobSettings { Work = new() { Instructions = new string('x', JobWork.MaxInstructions), SeeWholeBatch = true, GoldFeedback = true } }.Problems());
        Assert.Empty(new JobWork { Instructions = "Lines\nand\tcolumns, 犬 🐕" }.Problems());
        foreach (var text in (string[])[new string('x', JobWork.MaxInstructions + 1), "a\u0007b", "a\ud800b"])
            Assert.Equal("work.instructions", Assert.Single(new JobSettings { Work = new() { Instructions = text } }.Problems()).Field);
    }

    [Fact]
    public void Draft_WithOtherWork_DiffersFromTheJob()
    {
        var existing = new JobSettings { Work = new() { Instructions = "Look.", SeeWholeBatch = true } };
        Assert.Empty(new JobDraft { Work = existing.Work with { } }.DifferencesFrom(existing));
        Assert.Empty(new JobDraft().DifferencesFrom(existing));
        Assert.Equal("work is instructions of 5 characters, seeWholeBatch", Assert.Single(new JobDraft { Work = JobWork.None }.DifferencesFrom(existing)));
        Assert.Equal(existing.Work, new JobDraft { Work = existing.Work }.ToSettings(new()).Work);
        Assert.Equal(JobWork.None, new JobDraft().ToSettings(existing).Work);
    }

    [Fact]
    public void Guidance_OfTooMuch_TwiceOrOnBothSides_IsRefused()
    {
        var most = Enumerable.Range(0, ClassGuidance.MaxExamples + 1).Select(number => ImageUrl.Create($"s3://b/{number}")).ToArray();
        Assert.Empty(new ClassGuidance { Text = new string('x', ClassGuidance.MaxText), Right = [.. most[..^1]], Wrong = [most[^1]] }.Problems());
        (string, ClassGuidance)[] refused =
        [
            ("text", new() { Text = new string('x', ClassGuidance.MaxText + 1) }), ("text", new() { Text = "a\0" }), ("right", new() { Right = [.. most] }),
            ("wrong", new() { Wrong = [_first, _first] }), ("wrong", new() { Right = [_first], Wrong = [most[2], _first] }),
        ];
        Assert.All(refused, entry => Assert.Equal(entry.Item1, Assert.Single(entry.Item2.Problems()).Field));
    }

    [Fact]
    public void Guidance_IsWhatItSays()
    {
        var guidance = new ClassGuidance { Text = "a", Right = [_first] };
        Assert.Equal(guidance, new ClassGuidance { Text = "a", Right = [_first], Wrong = [] });
        Assert.Equal(guidance.GetHashCode(), new ClassGuidance { Text = "a", Right = [_first] }.GetHashCode());
        Assert.NotEqual(guidance, guidance with { Right = [], Wrong = [_first] });
        Assert.True((guidance with { Text = null, Right = [] }).IsEmpty);
        Assert.False(guidance.IsEmpty);
    }
}

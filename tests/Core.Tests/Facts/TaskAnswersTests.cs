using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TaskAnswersTests
{
    [Fact]
    public void Of_AnyKinds_ReadsAsTheirCodesAndParsesBack() =>
        Gen.OneOfConst(Enum.GetValues<AnswerKind>()).Array[1, TaskContent.MaxImages].Where(kinds => kinds.Any(kind => kind != AnswerKind.None)).Sample(kinds =>
        {
            var answers = TaskAnswers.Of(kinds);
            Assert.Equal(string.Concat(kinds.Select(kind => "-ntcd"[(int)kind])), answers.Text);
            Assert.Equal(kinds, Enumerable.Range(0, answers.Count).Select(image => answers[image]));
            Assert.Equal(answers, TaskAnswers.Parse(answers.Text));
            Assert.Equal(answers.Text, answers.ToString());
            Assert.Equal(kinds.All(kind => kind != AnswerKind.None), answers.IsWhole);
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("---")]
    [InlineData("cx")]
    [InlineData("C")]
    [InlineData("c ")]
    [InlineData("c\u0000")]
    public void Parse_SomethingElseThanAnswers_IsRefused(string? text)
    {
        Assert.False(TaskAnswers.TryParse(text, out _));
        Assert.Contains("is not answers", Assert.Throws<BadInputException>(() => TaskAnswers.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MoreThanATaskHolds_IsRefused()
    {
        Assert.True(TaskAnswers.TryParse(new string('c', 250), out _));
        Assert.False(TaskAnswers.TryParse(new string('c', 251), out _));
    }

    /// <summary>What could be stored and not be read again.</summary>
    [Fact]
    public void Of_NoAnswerOrTooMany_IsAFault()
    {
        Assert.Throws<ArgumentException>(() => TaskAnswers.Of([]));
        Assert.Throws<ArgumentException>(() => TaskAnswers.Of([AnswerKind.None, AnswerKind.None]));
        Assert.Throws<ArgumentException>(() => TaskAnswers.Of(Enumerable.Repeat(AnswerKind.Confirm, 251)));
    }
}

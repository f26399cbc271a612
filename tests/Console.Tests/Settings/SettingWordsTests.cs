using BulkQA.Web.Settings;

namespace BulkQA.Web.Tests;

public sealed class SettingWordsTests
{
    [Theory]
    [InlineData("dogs=2, vets=1", "dogs=2, vets=1")]
    [InlineData(" dogs = 2 ", "dogs=2")]
    [InlineData("", "")]
    public void Answers_WellTyped_AreRead(string text, string read)
    {
        Assert.True(SettingWords.TryReadAnswers(text, out var answers));
        Assert.Equal(read, SettingWords.AnswersText(answers));
    }

    [Theory]
    [InlineData("dogs")]
    [InlineData("dogs=two")]
    [InlineData("=2")]
    [InlineData("dogs=2, Dogs=1")]
    public void Answers_IllTyped_AreNone(string text) => Assert.False(SettingWords.TryReadAnswers(text, out _));

    [Fact]
    public void Assignment_OfNothing_IsForNobodyInParticular()
    {
        Assert.Equal("nobody in particular", SettingWords.Assignment(null));
        Assert.Equal("teams dogs; priority 200; 20 at a sitting, then 15 min", SettingWords.Assignment(new() { Teams = ["dogs"], Priority = 200, Portion = new() { Tasks = 20, PauseMinutes = 15 } }));
    }
}

namespace BulkQA.Core.Tests;

public sealed class AnswerKindTests
{
    /// <summary>Facts and messages hold the codes, and packed folds the numbers: they can never change.</summary>
    [Theory]
    [InlineData(AnswerKind.None, 0, '-', null)]
    [InlineData(AnswerKind.NotSeen, 1, 'n', "notSeen")]
    [InlineData(AnswerKind.CantTell, 2, 't', "cantTell")]
    [InlineData(AnswerKind.Confirm, 3, 'c', "confirm")]
    [InlineData(AnswerKind.Disconfirm, 4, 'd', "disconfirm")]
    public void Kind_NumberCodeAndName_ArePinned(AnswerKind kind, int number, char code, string? name)
    {
        Assert.Equal(number, (int)kind);
        Assert.Equal(code, AnswerKinds.CodeOf(kind));
        Assert.Equal(kind, AnswerKinds.OfCode(code));
        if (name is null)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => AnswerKinds.NameOf(kind));
            return;
        }
        Assert.Equal(name, AnswerKinds.NameOf(kind));
        Assert.Equal(kind, AnswerKinds.OfName(name));
    }

    [Fact]
    public void OfCode_AnythingElse_IsNone() => Assert.Equal(
        "-cdnt", string.Concat(Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(code => AnswerKinds.OfCode(code) is not null)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Confirm")]
    [InlineData("none")]
    [InlineData("c")]
    public void OfName_AnythingElse_IsNone(string? name) => Assert.Null(AnswerKinds.OfName(name));
}

namespace BulkQA.Core.Tests;

public sealed class VerdictPolicyTests
{
    [Theory]
    [InlineData("unanimous", 0, 0, Verdict.Unreviewed)]
    [InlineData("unanimous", 1, 0, Verdict.Confirmed)]
    [InlineData("unanimous", 0, 3, Verdict.Disconfirmed)]
    [InlineData("unanimous", 9, 1, Verdict.Split)]
    [InlineData("majority", 0, 0, Verdict.Unreviewed)]
    [InlineData("majority", 2, 1, Verdict.Confirmed)]
    [InlineData("majority", 1, 2, Verdict.Disconfirmed)]
    [InlineData("majority", 2, 2, Verdict.Split)]
    [InlineData("quorum(3)", 2, 0, Verdict.Unreviewed)]
    [InlineData("quorum(3)", 2, 1, Verdict.Confirmed)]
    [InlineData("quorum(4)", 2, 2, Verdict.Split)]
    public void Decide_ByCounts_GivesTheVerdict(string policy, int confirms, int disconfirms, Verdict verdict)
    {
        Assert.True(VerdictPolicy.TryParse(policy, out var parsed));
        Assert.Equal(verdict, parsed.Decide(confirms, disconfirms));
        Assert.Equal(policy, parsed.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Unanimous")]
    [InlineData("quorum()")]
    [InlineData("quorum(0)")]
    [InlineData("quorum(257)")]
    [InlineData("quorum(-1)")]
    [InlineData("quorum(3")]
    public void Parse_Unknown_Fails(string? text) => Assert.False(VerdictPolicy.TryParse(text, out _));
}

namespace BulkQA.Core.Tests;

public sealed class VerdictPolicyTests
{
    [Theory]
    [InlineData("weighted(0.95)", 0.95)]
    [InlineData("weighted(0.500001)", 0.500001)]
    [InlineData("weighted(.9)", 0.9)]
    public void Weighted_Parsed_HasItsLevelAndIsWrittenTheSame(string text, double level)
    {
        Assert.True(VerdictPolicy.TryParse(text, out var policy));
        Assert.Equal((level, 1), (policy.Level, policy.RequiredVotes));
        Assert.True(VerdictPolicy.TryParse(policy.ToString(), out var again));
        Assert.Equal(policy, again);
        Assert.Equal(VerdictPolicy.Majority, policy.WithoutModel());
        Assert.Throws<InvalidOperationException>(() => policy.Decide(1, 0));
        Assert.Throws<ArgumentException>(() => new VerdictRules(0, policy));
    }

    [Theory]
    [InlineData("weighted(0.5)")]
    [InlineData("weighted(1)")]
    [InlineData("weighted(1.5)")]
    [InlineData("weighted(-0.9)")]
    [InlineData("weighted(0,9)")]
    [InlineData("weighted(NaN)")]
    [InlineData("weighted()")]
    [InlineData("weighted")]
    [InlineData("weighted(0.9")]
    [InlineData("weighted(9e-1)")]
    public void Weighted_WithoutALevelBetween_IsNoPolicy(string text) => Assert.False(VerdictPolicy.TryParse(text, out _));

    /// <summary>By hand: prior 0.7, coins 0.9 and 0.8; one confirm, then one of each.</summary>
    [Fact]
    public void Rules_Weighted_DecideByBayesRuleOverTheVotesThatCount()
    {
        var (ann, bob) = (WorkerId.Create("ann"), WorkerId.Create("bob"));
        var model = new ReliabilityModel(3, [ann], new ReliabilityParameters(0.7, [new WorkerCoins(0.9, 0.8)], new WorkerCoins(0.6, 0.6)));
        var rules = new VerdictRules(1, VerdictPolicy.Weighted(0.9), [WorkerId.Create("cid")], model);
        var one = AnswerSet.Of([new ImageAnswer(ann, AnswerKind.Confirm, default), new ImageAnswer(WorkerId.Create("cid"), AnswerKind.Disconfirm, default)]);
        Assert.Equal(0.7 * 0.9 / ((0.7 * 0.9) + (0.3 * 0.2)), rules.PosteriorOf(rules.Count(one))!.Value, 1e-6);
        Assert.Equal(Verdict.Confirmed, rules.Decide(one));
        // Bob the model does not know.
        var two = AnswerSet.Of([new ImageAnswer(ann, AnswerKind.Confirm, default), new ImageAnswer(bob, AnswerKind.Disconfirm, default)]);
        Assert.Equal(0.7 * 0.9 * 0.4 / ((0.7 * 0.9 * 0.4) + (0.3 * 0.2 * 0.6)), rules.PosteriorOf(rules.Count(two))!.Value, 1e-6);
        Assert.Equal(Verdict.Split, rules.Decide(two));
        Assert.Equal((Verdict.Unreviewed, 0.7), (rules.Decide(AnswerSet.Empty), Math.Round(rules.PosteriorOf(default)!.Value, 6)));
        Assert.Null(new VerdictRules(1, VerdictPolicy.Majority).PosteriorOf(default));
    }

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

namespace BulkQA.Core.Tests;

public sealed class DoubtRuleTests
{
    private static readonly VerdictRules _majority = new(0, VerdictPolicy.Majority);

    /// <summary>By brute force: where fewer votes lead than are asked for, no doubt is left exactly where every continuation says what is said now.</summary>
    [Fact]
    public void IsInDoubt_LeadTooSmall_IsWhereVotesThatAreLeftCanTurnTheVerdict()
    {
        for (var most = 2; most <= JobSettings.MaxWorkersPerTaskLimit; most++)
            for (var confirms = 0; confirms <= most; confirms++)
                for (var disconfirms = 0; confirms + disconfirms <= most; disconfirms++)
                {
                    var rule = new DoubtRule(most - 1, most);
                    if (Math.Abs(confirms - disconfirms) >= rule.Workers) continue;
                    var now = VerdictPolicy.Majority.Decide(confirms, disconfirms);
                    var left = most - confirms - disconfirms;
                    var canTurn = Enumerable.Range(0, left + 1).Any(more => VerdictPolicy.Majority.Decide(confirms + more, disconfirms + left - more) != now);
                    Assert.Equal(canTurn, rule.IsInDoubt(Counts(confirms, disconfirms), _majority));
                }
    }

    /// <summary>Every sequence of votes: from more than half of the most on, ending early changes no verdict, and costs less.</summary>
    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 5)]
    [InlineData(4, 7)]
    [InlineData(5, 9)]
    public void IsInDoubt_FromMoreThanHalfOn_EndsInTheVerdictOfAllVotes(int workers, int most)
    {
        var (rule, spared) = (new DoubtRule(workers, most), 0);
        for (var votes = 0; votes < 1 << most; votes++)
        {
            var given = workers;
            while (rule.IsInDoubt(Of(votes, given), _majority)) given++;
            spared += most - given;
            var (early, all) = (Of(votes, given), Of(votes, most));
            Assert.Equal(VerdictPolicy.Majority.Decide(all.Confirms, all.Disconfirms), VerdictPolicy.Majority.Decide(early.Confirms, early.Disconfirms));
        }
        Assert.True(spared > 0);
    }

    /// <summary>The gambler's ruin: a walk that ends at a lead of k is wrong with q^k / (p^k + q^k), whenever it ends.</summary>
    [Theory]
    [InlineData(2, 0.8)]
    [InlineData(2, 0.65)]
    [InlineData(3, 0.7)]
    public void IsInDoubt_WorkersOfKnownAccuracy_EndsWrongAsOftenAsWaldSays(int lead, double accuracy)
    {
        var rule = new DoubtRule(lead, 9);
        var (right, wrong) = (0.0, 0.0);
        Walk(0, 0, 1);
        var odds = Math.Pow((1 - accuracy) / accuracy, lead);
        Assert.Equal(odds / (1 + odds), wrong / (right + wrong), 12);

        void Walk(int confirms, int disconfirms, double probability)
        {
            var ended = confirms + disconfirms >= lead && !rule.IsInDoubt(Counts(confirms, disconfirms), _majority);
            if (!ended)
            {
                Walk(confirms + 1, disconfirms, probability * accuracy);
                Walk(confirms, disconfirms + 1, probability * (1 - accuracy));
            }
            else if (Math.Abs(confirms - disconfirms) == lead)
            {
                if (confirms > disconfirms) right += probability;
                else wrong += probability;
            }
        }
    }

    [Theory]
    // Enough answers are enough, whatever they say.
    [InlineData(3, 5, "majority", 0, 0, 5, false)]
    [InlineData(3, 5, "majority", 2, 2, 5, false)]
    // An answer that is no vote brings nobody nearer to a verdict.
    [InlineData(1, 3, "majority", 0, 0, 1, true)]
    [InlineData(1, 3, "majority", 1, 0, 1, false)]
    [InlineData(3, 5, "majority", 2, 0, 3, true)]
    [InlineData(3, 5, "majority", 2, 0, 4, false)]
    // Too few votes for a quorum, as long as it can be reached.
    [InlineData(3, 5, "quorum(4)", 3, 0, 3, true)]
    [InlineData(3, 5, "quorum(4)", 2, 0, 3, true)]
    [InlineData(3, 5, "quorum(4)", 2, 0, 4, false)]
    [InlineData(3, 5, "quorum(4)", 4, 0, 4, false)]
    public void IsInDoubt_Counts_AreAs(int workers, int most, string policy, int confirms, int disconfirms, int answered, bool expected)
    {
        Assert.True(VerdictPolicy.TryParse(policy, out var parsed));
        Assert.Equal(expected, new DoubtRule(workers, most).IsInDoubt(new VoteCounts(confirms, disconfirms, 0, answered), new VerdictRules(0, parsed)));
    }

    [Fact]
    public void IsInDoubt_Weighted_IsWherePosteriorIsNeitherHighNorLowEnough()
    {
        WorkerId[] workers = [WorkerId.Create("ann"), WorkerId.Create("bob")];
        var model = new ReliabilityModel(1, [.. workers], new ReliabilityParameters(0.5, [new WorkerCoins(0.97, 0.97), new WorkerCoins(0.8, 0.8)], new WorkerCoins(0.5, 0.5)));
        var rules = new VerdictRules(0, VerdictPolicy.Weighted(0.95), model: model);
        var rule = new DoubtRule(1, 3);
        Assert.False(rule.IsInDoubt(default(VoteCounts).Add(AnswerKind.Disconfirm, rules.WeightOf(workers[0])), rules));
        Assert.True(rule.IsInDoubt(default(VoteCounts).Add(AnswerKind.Confirm, rules.WeightOf(workers[1])), rules));
        Assert.True(rule.IsInDoubt(default(VoteCounts).Add(AnswerKind.CantTell, rules.WeightOf(workers[0])), rules));
    }

    private static VoteCounts Counts(int confirms, int disconfirms) => new(confirms, disconfirms, 0, confirms + disconfirms);

    private static VoteCounts Of(int votes, int given)
    {
        var confirms = int.PopCount(votes & ((1 << given) - 1));
        return Counts(confirms, given - confirms);
    }
}

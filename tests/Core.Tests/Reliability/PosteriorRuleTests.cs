using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class PosteriorRuleTests
{
    private static readonly Gen<(ReliabilityParameters Parameters, (int Worker, bool Disconfirms)[] Votes)> _voted = Gen.Select(
        Gen.Double[0, 1], Crowd.AnyCoins.Array[8], Crowd.AnyCoins, Gen.Select(Gen.Int[0, 9], Gen.Bool).Array[0, 12],
        (prior, coins, unknown, votes) => (new ReliabilityParameters(prior, [.. coins], unknown), votes));

    /// <summary>Against Bayes' theorem as it is written, in products; workers 8 and 9 are not known to the model.</summary>
    [Fact]
    public void Posterior_AnyVotes_IsBayesToAMillionth() => _voted.Sample((parameters, votes) =>
    {
        var (right, wrong) = (parameters.Prior, 1 - parameters.Prior);
        foreach (var (worker, disconfirms) in votes)
        {
            right *= Crowd.Probability(parameters.CoinsOf(worker), disconfirms, isRight: true);
            wrong *= Crowd.Probability(parameters.CoinsOf(worker), disconfirms, isRight: false);
        }
        var rule = new PosteriorRule(parameters, 0.9);
        var posterior = PosteriorRule.Posterior(Crowd.SumOf(rule, votes));
        Assert.Equal(right / (right + wrong), posterior, 1e-6);
        if (Math.Abs(posterior - 0.9) > 1e-6 && Math.Abs(posterior - 0.1) > 1e-6)
            Assert.Equal(
                votes.Length == 0 ? Verdict.Unreviewed : posterior > 0.9 ? Verdict.Confirmed : posterior < 0.1 ? Verdict.Disconfirmed : Verdict.Split,
                Decide(rule, votes));
    }, iter: 3_000);

    [Fact]
    public void Sum_VotesInAnyOrder_IsExactlyTheSame() => Gen.Select(_voted, Gen.Int).Sample((voted, seed) =>
    {
        var rule = new PosteriorRule(voted.Parameters, 0.9);
        var random = new Random(seed);
        Assert.Equal(Crowd.SumOf(rule, voted.Votes), Crowd.SumOf(rule, voted.Votes.OrderBy(_ => random.Next())));
    }, iter: 500);

    /// <summary>0.95 of 0.5 with a coin of 0.95 is 0.95: the level itself is enough, for right as for wrong.</summary>
    [Fact]
    public void Decide_LevelExactlyMet_IsEnough()
    {
        Assert.Equal(Verdict.Confirmed, Decide(Rule(0.5, 0.95, level: 0.95), (0, false)));
        Assert.Equal(Verdict.Disconfirmed, Decide(Rule(0.5, 0.95, level: 0.95), (0, true)));
        Assert.Equal(Verdict.Split, Decide(Rule(0.5, 0.949, level: 0.95), (0, false)));
        Assert.Equal(Verdict.Split, Decide(Rule(0.5, 0.949, level: 0.95), (0, true)));
    }

    [Fact]
    public void Decide_NoVotes_IsUnreviewedWhateverThePrior() => Assert.Equal(Verdict.Unreviewed, Decide(Rule(0.999, 0.9, level: 0.95)));

    /// <summary>Two careful workers outweigh three who toss a coin.</summary>
    [Fact]
    public void Decide_CarefulMinority_Wins()
    {
        var rule = new PosteriorRule(new ReliabilityParameters(0.5, [new(0.95, 0.95), new(0.95, 0.95), new(0.5, 0.5), new(0.5, 0.5), new(0.5, 0.5)], default), 0.95);
        Assert.Equal(Verdict.Disconfirmed, Decide(rule, (0, true), (1, true), (2, false), (3, false), (4, false)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Confirm_UnknownWorker_WeighsLikeTheModelsUnknown(int worker)
    {
        var rule = new PosteriorRule(new ReliabilityParameters(0.5, [new(0.9, 0.9)], new WorkerCoins(0.8, 0.6)), 0.95);
        Assert.Equal(Math.Log(0.8 / 0.4), rule.Confirm(worker) / Math.Pow(2, 32), 1e-9);
        Assert.Equal(Math.Log(0.2 / 0.6), rule.Disconfirm(worker) / Math.Pow(2, 32), 1e-9);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Rule_LevelOutsideItsRange_Throws(double level) => Assert.Throws<ArgumentOutOfRangeException>(() => Rule(0.5, 0.9, level));

    private static Verdict Decide(PosteriorRule rule, params (int Worker, bool Disconfirms)[] votes) => rule.Decide(Crowd.SumOf(rule, votes), votes.Length);

    private static PosteriorRule Rule(double prior, double coin, double level) => new(new ReliabilityParameters(prior, [new(coin, coin)], default), level);
}

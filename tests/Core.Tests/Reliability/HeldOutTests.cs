using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class HeldOutTests
{
    private static readonly WorkerCoins[] _careless =
        [new(0.98, 0.4), new(0.5, 0.97), new(0.95, 0.5), new(0.9, 0.9), new(0.99, 0.3), new(0.6, 0.95)];

    private static readonly HoldOut _third = new(1, 0.33, 1, 1);

    /// <summary>Against the formula: over both truths, its probability by the votes that are left, times that of the held-out vote.</summary>
    [Fact]
    public void Score_AnyVotes_IsByTheFormula() => Gen.Select(Crowd.Any(workers: 6), Gen.Double[0.05, 0.95], Gen.ULong).Sample((crowd, shared, seed) =>
    {
        var images = crowd.Images;
        var holdOut = new HoldOut(seed, 0.4, images.Length, images.Length);
        var models = Models(shared);
        var expected = default(HeldOutSums);
        for (var image = 0; image < images.Length; image++)
        {
            var held = images[image].ToLookup(vote => holdOut.Holds(HoldOut.KeyOf($"image {image}"), HoldOut.KeyOf($"worker {vote.Worker}")));
            if (!held[false].Any()) continue;
            var share = held[false].Count(vote => !vote.Disconfirms) / (double)held[false].Count();
            foreach (var vote in held[true])
                expected += new HeldOutSums(
                    1, Math.Log((share * P(new(shared, shared), vote, true)) + ((1 - share) * P(new(shared, shared), vote, false))),
                    LogPredicted(models.OneCoin, held[false], vote), LogPredicted(models.TwoCoin, held[false], vote));
        }
        var sums = crowd.Block().Score(holdOut, models);
        Assert.Equal(expected.Votes, sums.Votes);
        Assert.Equal(expected.Majority, sums.Majority, 1e-9);
        Assert.Equal(expected.OneCoin, sums.OneCoin, 1e-9);
        Assert.Equal(expected.TwoCoin, sums.TwoCoin, 1e-9);
    }, iter: 300);

    /// <summary>A vote is held out by its image and worker, wherever it lies and whatever index the worker has there.</summary>
    [Fact]
    public void Score_PartsWithTheirOwnWorkers_AddUpToTheWhole()
    {
        var (crowd, _) = Crowd.Simulate(41, 600, 4, 0.7, _careless);
        var models = Models(0.8);
        var whole = crowd.Block().Score(_third, models);
        var sum = default(HeldOutSums);
        int[] localToGlobal = [5, 3, 1, 0, 2, 4];
        for (var part = 0; part < 3; part++)
        {
            var builder = new VoteBlockBuilder([.. localToGlobal.Select(global => HoldOut.KeyOf($"worker {global}"))]);
            foreach (var image in Enumerable.Range(0, 600).Where(image => image % 3 == part))
                builder.Add(HoldOut.KeyOf($"image {image}"), [.. crowd.Images[image].Select(vote => (Array.IndexOf(localToGlobal, vote.Worker), vote.Disconfirms))]);
            sum += builder.Build().Score(_third, models.Select(localToGlobal));
        }
        Assert.Equal(whole.Votes, sum.Votes);
        Assert.Equal(whole.TwoCoin, sum.TwoCoin, 1e-9);
        Assert.Equal(whole.Majority, sum.Majority, 1e-9);
    }

    [Fact]
    public void WithoutHeldOut_AThird_LeavesTwoThirdsAndOtherSeedsOthers()
    {
        var block = Crowd.Simulate(42, 5_000, 4, 0.7, _careless).Crowd.Block();
        var left = block.WithoutHeldOut(_third);
        Assert.Equal(0.67 * block.Votes, left.Votes, 300.0);
        Assert.Equal(left.Votes, block.WithoutHeldOut(_third with { }).Votes);
        Assert.NotEqual(left.Votes, block.WithoutHeldOut(new HoldOut(2, 0.33, 1, 1)).Votes);
    }

    [Fact]
    public void WithoutHeldOut_MoreImagesThanTheSampleMayHave_TakesAsManyInTheMean()
    {
        var block = Crowd.Simulate(43, 8_000, 2, 0.7, _careless).Crowd.Block();
        Assert.Equal(1_000, block.WithoutHeldOut(new HoldOut(3, 1e-9, block.Images, 1_000)).Images, 120.0);
    }

    [Fact]
    public async Task RunAsync_WorkersWhoConfirmOrDisconfirmTooMuch_AreBestPredictedByTwoCoins()
    {
        var scores = await Crowd.ScoreAsync(Crowd.Simulate(44, 3_000, 5, 0.6, _careless).Crowd, _third);
        Assert.Equal(VoteModel.TwoCoin, scores!.Best);
        Assert.True(scores.TwoCoin > scores.OneCoin + 0.02 && scores.TwoCoin < 0, $"{scores}");
    }

    /// <summary>A second coin neither helps nor harms them, with enough votes.</summary>
    [Fact]
    public async Task RunAsync_WorkersWhoDifferInCareOnly_AreBetterPredictedByCoinsOfTheirOwn()
    {
        double[] coins = [0.95, 0.9, 0.6, 0.55, 0.8, 0.97];
        var scores = await Crowd.ScoreAsync(Crowd.Simulate(45, 3_000, 5, 0.5, [.. coins.Select(coin => new WorkerCoins(coin, coin))]).Crowd, _third);
        Assert.True(scores!.OneCoin > scores.Majority + 0.01, $"{scores}");
        Assert.Equal(scores.OneCoin, scores.TwoCoin, 0.002);
    }

    /// <summary>No model can predict tossed coins; each then scores the logarithm of one half, or worse for having believed in more.</summary>
    [Fact]
    public async Task RunAsync_TossedCoins_ScoreNoBetterThanAToss()
    {
        var scores = await Crowd.ScoreAsync(Crowd.Simulate(46, 3_000, 3, 0.5, [.. Enumerable.Repeat(new WorkerCoins(0.5, 0.5), 6)]).Crowd, _third);
        Assert.All((double[])[scores!.Majority, scores.OneCoin, scores.TwoCoin], score => Assert.InRange(score, -1.5, Math.Log(0.5) + 0.003));
    }

    [Fact]
    public async Task RunAsync_TooFewHeldOutVotes_IsNull()
    {
        Assert.Null(await Crowd.ScoreAsync(Crowd.Of("+-+", "++-"), _third));
        Assert.Null(HeldOutScores.Of(new HeldOutSums(99, -1, -1, -1)));
        Assert.Equal(new HeldOutScores(100, -1, -0.5, -0.25), HeldOutScores.Of(new HeldOutSums(100, -100, -50, -25)));
    }

    [Theory]
    [InlineData(-1, -1, -1, VoteModel.Majority)]
    [InlineData(-1, -0.9, -0.9, VoteModel.OneCoin)]
    [InlineData(-1, -0.9, -0.8, VoteModel.TwoCoin)]
    [InlineData(-0.8, -0.9, -0.85, VoteModel.Majority)]
    public void Best_EqualScores_IsTheSimplest(double majority, double oneCoin, double twoCoin, VoteModel best) =>
        Assert.Equal(best, new HeldOutScores(100, majority, oneCoin, twoCoin).Best);

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void HoldOut_ShareOutsideItsRange_Throws(double share) => Assert.Throws<ArgumentOutOfRangeException>(() => new HoldOut(1, share, 1, 1));

    private static HeldOutModels Models(double shared) => new(
        shared, new ReliabilityParameters(0.4, [.. _careless.Select(coins => new WorkerCoins(coins.ConfirmsRight, coins.ConfirmsRight))], default),
        new ReliabilityParameters(0.7, [.. _careless], default));

    private static double LogPredicted(ReliabilityParameters model, IEnumerable<(int Worker, bool Disconfirms)> left, (int Worker, bool Disconfirms) vote)
    {
        var right = left.Aggregate(model.Prior, (product, other) => product * P(model.Coins[other.Worker], other, true));
        var wrong = left.Aggregate(1 - model.Prior, (product, other) => product * P(model.Coins[other.Worker], other, false));
        return Math.Log(((right * P(model.Coins[vote.Worker], vote, true)) + (wrong * P(model.Coins[vote.Worker], vote, false))) / (right + wrong));
    }

    private static double P(WorkerCoins coins, (int Worker, bool Disconfirms) vote, bool isRight) => Crowd.Probability(coins, vote.Disconfirms, isRight);
}

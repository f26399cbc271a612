namespace BulkQA.Core.Tests;

public sealed class ReliabilityParametersTests
{
    private static readonly ReliabilitySettings _oneCoin = new() { Method = ReliabilityMethod.OneCoin };

    /// <summary>By majority worker 0 has 1.5 votes on right images, all confirming, and half a vote on a wrong one; worker 2 has none.</summary>
    private static readonly ExpectedCounts _counts = Crowd.Of("++.", "+-.").Block().ExpectByMajority();

    [Fact]
    public void From_TwoCoins_AreSharesOfHitsWithThoseOfTheSmoothing()
    {
        var parameters = ReliabilityParameters.From(_counts, new ReliabilitySettings());
        Assert.Equal(0.75, parameters.Prior, 1e-12);
        AssertIs(new WorkerCoins(3.5 / 4.5, 2 / 3.5), parameters.Coins[0]);
        AssertIs(new WorkerCoins(3 / 4.5, 2.5 / 3.5), parameters.Coins[1]);
    }

    [Fact]
    public void From_OneCoin_IsTheShareOfAllHits()
    {
        var parameters = ReliabilityParameters.From(_counts, _oneCoin);
        AssertIs(new WorkerCoins(0.7, 0.7), parameters.Coins[0]);
        AssertIs(new WorkerCoins(0.7, 0.7), parameters.Coins[1]);
    }

    [Fact]
    public void From_WorkerWithoutVotes_IsTheSmoothingsMean() => AssertIs(new WorkerCoins(2 / 3.0, 2 / 3.0), ReliabilityParameters.From(_counts, new ReliabilitySettings()).Coins[2]);

    /// <summary>Three votes on right images of which 2.5 confirm, one on a wrong one of which half disconfirms.</summary>
    [Fact]
    public void From_WorkerWithoutVotesAndNoSmoothing_IsTheMeanOfTheOthers()
    {
        AssertIs(new WorkerCoins(2.5 / 3, 0.5), ReliabilityParameters.From(_counts, Crowd.Unsmoothed).Coins[2]);
        AssertIs(new WorkerCoins(0.75, 0.75), ReliabilityParameters.From(_counts, _oneCoin with { Smoothing = CoinSmoothing.None }).CoinsOf(99));
    }

    [Fact]
    public void From_NoVotesAndNoSmoothing_SaysNothing()
    {
        var parameters = ReliabilityParameters.From(new ExpectedCounts(1), Crowd.Unsmoothed);
        Assert.Equal(0.5, parameters.Prior);
        AssertIs(new WorkerCoins(0.5, 0.5), parameters.Coins[0]);
    }

    [Fact]
    public void From_FixedPrior_StaysFixed() => Assert.Equal(0.2, ReliabilityParameters.From(_counts, new ReliabilitySettings { Prior = 0.2 }).Prior);

    [Fact]
    public void Select_SomeWorkersAndAStranger_ArePickedInOrder()
    {
        var parameters = new ReliabilityParameters(0.3, [new(0.9, 0.8), new(0.7, 0.6)], new WorkerCoins(0.55, 0.5)).Select([1, -1, 0, 2]);
        Assert.Equal(0.3, parameters.Prior);
        Assert.Equal([new(0.7, 0.6), new(0.55, 0.5), new(0.9, 0.8), new(0.55, 0.5)], parameters.Coins.ToArray());
    }

    [Fact]
    public void Unpack_OfPack_IsTheSame()
    {
        var parameters = new ReliabilityParameters(0.3, [new(0.9, 0.8), new(0.7, 0.6)], new WorkerCoins(0.55, 0.5));
        var again = ReliabilityParameters.Unpack(parameters.Pack());
        Assert.Equal((parameters.Prior, parameters.Unknown), (again.Prior, again.Unknown));
        Assert.Equal(parameters.Coins.ToArray(), again.Coins.ToArray());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Parameters_NoProbability_Throw(double value)
    {
        Assert.Throws<ArgumentException>(() => new ReliabilityParameters(value, [], default));
        Assert.Throws<ArgumentException>(() => new ReliabilityParameters(0.5, [new WorkerCoins(0.5, value)], default));
    }

    [Fact]
    public void Unpack_OfAnotherLength_Throws()
    {
        Assert.Throws<ArgumentException>(() => ReliabilityParameters.Unpack([0.5, 0.5]));
        Assert.Throws<ArgumentException>(() => ReliabilityParameters.Unpack([0.5, 0.5, 0.5, 0.5]));
        Assert.Throws<ArgumentException>(() => ExpectedCounts.Unpack([1, 2, 3, 4]));
    }

    private static void AssertIs(WorkerCoins expected, WorkerCoins actual)
    {
        Assert.Equal(expected.ConfirmsRight, actual.ConfirmsRight, 1e-12);
        Assert.Equal(expected.CatchesWrong, actual.CatchesWrong, 1e-12);
    }
}

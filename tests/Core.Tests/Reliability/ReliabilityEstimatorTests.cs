using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class ReliabilityEstimatorTests
{
    private static readonly ReliabilitySettings[] _settings =
    [
        new(), Crowd.Unsmoothed,
        new() { Method = ReliabilityMethod.OneCoin }, Crowd.Unsmoothed with { Method = ReliabilityMethod.OneCoin },
        new() { Prior = 0.3 }, Crowd.Unsmoothed with { Prior = 0.9 },
    ];

    private static readonly WorkerCoins[] _planted =
        [new(0.95, 0.9), new(0.9, 0.6), new(0.7, 0.95), new(0.99, 0.3), new(0.8, 0.8), new(0.6, 0.55), new(0.5, 0.5), new(0.2, 0.3), new(0.85, 0.7), new(0.9, 0.9)];

    /// <summary>Workers of every kind, from careful to random to contrary; the tolerance is some four standard errors.</summary>
    [Fact]
    public async Task RunAsync_SimulatedTwoCoins_FindsWhatWasPlanted()
    {
        var (crowd, right) = Crowd.Simulate(11, 20_000, 5, 0.8, _planted);
        var estimate = await crowd.EstimateAsync(new ReliabilitySettings());
        Assert.True(estimate is { Converged: true, LabelsSwitched: false });
        Assert.Equal(right.Count(isRight => isRight) / 20_000.0, estimate.Parameters.Prior, 0.02);
        for (var worker = 0; worker < _planted.Length; worker++)
        {
            Assert.Equal(_planted[worker].ConfirmsRight, estimate.Parameters.Coins[worker].ConfirmsRight, 0.025);
            Assert.Equal(_planted[worker].CatchesWrong, estimate.Parameters.Coins[worker].CatchesWrong, 0.06);
            Assert.Equal(crowd.Images.Sum(votes => votes.Count(vote => vote.Worker == worker)), estimate.Counts[worker].Votes);
        }
    }

    [Fact]
    public async Task RunAsync_SimulatedOneCoin_FindsWhatWasPlanted()
    {
        double[] planted = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.85];
        var (crowd, _) = Crowd.Simulate(12, 20_000, 5, 0.6, [.. planted.Select(coin => new WorkerCoins(coin, coin))]);
        var estimate = await crowd.EstimateAsync(new ReliabilitySettings { Method = ReliabilityMethod.OneCoin });
        Assert.Equal(0.6, estimate.Parameters.Prior, 0.02);
        for (var worker = 0; worker < planted.Length; worker++)
        {
            Assert.Equal(planted[worker], estimate.Parameters.Coins[worker].ConfirmsRight, 0.02);
            Assert.Equal(estimate.Parameters.Coins[worker].ConfirmsRight, estimate.Parameters.Coins[worker].CatchesWrong);
        }
    }

    /// <summary>The theorem behind the method; with smoothing it holds for the likelihood times the prior of the coins.</summary>
    [Fact]
    public void RunAsync_EveryIteration_ClimbsOrRests() => Gen.Select(Gen.Int, Gen.Int[2, 6], Gen.OneOfConst(_settings)).Sample((seed, votes, settings) =>
    {
        var block = Crowd.Simulate(seed, 40, votes, 0.7, _planted).Crowd.Block();
        var (counts, before) = (block.ExpectByMajority(), double.NegativeInfinity);
        for (var iteration = 0; iteration < 60; iteration++)
        {
            var parameters = ReliabilityParameters.From(counts, settings);
            counts = block.Expect(parameters);
            var perWorker = settings.Method == ReliabilityMethod.OneCoin ? 1 : 2;
            var objective = counts.LogLikelihood + parameters.Coins.SelectMany(coins => ((double[])[coins.ConfirmsRight, coins.CatchesWrong]).Take(perWorker))
                .Sum(coin => (settings.Smoothing.Hits * Math.Log(coin)) + (settings.Smoothing.Misses * Math.Log(1 - coin)));
            Assert.True(objective >= before - 1e-9, $"iteration {iteration} fell from {before:R} to {objective:R}");
            before = objective;
        }
    }, iter: 60);

    /// <summary>One step away from the estimate in any direction the likelihood is lower: it is a top, by no formula of the estimator.</summary>
    [Fact]
    public async Task RunAsync_Converged_IsATopOfTheLikelihood()
    {
        var (crowd, _) = Crowd.Simulate(5, 400, 4, 0.7, _planted);
        var block = crowd.Block();
        var estimate = await crowd.EstimateAsync(Crowd.Unsmoothed with { Tolerance = 1e-13, MaxIterations = 10_000 });
        var best = estimate.Parameters;
        Assert.True(estimate.Converged);
        foreach (var step in (double[])[-0.01, 0.01])
        {
            Assert.True(block.Expect(new ReliabilityParameters(best.Prior + step, best.Coins, best.Unknown)).LogLikelihood < estimate.LogLikelihood);
            for (var worker = 0; worker < _planted.Length; worker++)
            {
                var coins = best.Coins[worker];
                AssertLower(worker, coins with { ConfirmsRight = Math.Clamp(coins.ConfirmsRight + step, 0, 1) });
                AssertLower(worker, coins with { CatchesWrong = Math.Clamp(coins.CatchesWrong + step, 0, 1) });
            }
        }

        // A coin at 0 or 1 has only one direction to go.
        void AssertLower(int worker, WorkerCoins coins)
        {
            var other = new ReliabilityParameters(best.Prior, best.Coins.SetItem(worker, coins), best.Unknown);
            Assert.True(Math.Abs(other.Coins[worker].Informedness - best.Coins[worker].Informedness) < 1e-6 || block.Expect(other).LogLikelihood < estimate.LogLikelihood);
        }
    }

    /// <summary>Numbers of workers are only names. To 1e-9, as sums round in another order.</summary>
    [Fact]
    public async Task RunAsync_WorkersNumberedOtherwise_IsTheSameModel()
    {
        var (crowd, _) = Crowd.Simulate(3, 500, 4, 0.7, _planted);
        int[] newNumber = [3, 7, 1, 9, 0, 2, 8, 6, 5, 4];
        var renumbered = crowd with
        {
            Images = [.. crowd.Images.Select(votes => votes.Select(vote => (newNumber[vote.Worker], vote.Disconfirms)).ToArray())],
        };
        var settings = Crowd.Unsmoothed with { MaxIterations = 30, Tolerance = ReliabilitySettings.LeastTolerance };
        var (one, other) = (await crowd.EstimateAsync(settings), await renumbered.EstimateAsync(settings));
        Assert.Equal(one.LogLikelihood, other.LogLikelihood, 1e-8);
        for (var worker = 0; worker < newNumber.Length; worker++)
        {
            Assert.Equal(one.Parameters.Coins[worker].ConfirmsRight, other.Parameters.Coins[newNumber[worker]].ConfirmsRight, 1e-9);
            Assert.Equal(one.Parameters.Coins[worker].CatchesWrong, other.Parameters.Coins[newNumber[worker]].CatchesWrong, 1e-9);
        }
    }

    /// <summary>No votes, one worker, all the same answer, workers without an image in common, one image: numbers everywhere.</summary>
    [Fact]
    public void RunAsync_NextToNothing_GivesNumbers() => Assert.All(
        (Crowd[])[
            new(0, []), new(3, []), Crowd.Of("+"), Crowd.Of("-", "+", "-"), Crowd.Of("+++", "+++"), Crowd.Of("---", "---"),
            Crowd.Of("+..", ".-.", "..+"), Crowd.Of("+-+-"),
        ],
        crowd => Assert.All(_settings, settings =>
        {
            var estimate = crowd.EstimateAsync(settings).GetAwaiter().GetResult();
            Assert.All(estimate.Parameters.Pack(), value => Assert.InRange(value, ReliabilityParameters.Edge, 1 - ReliabilityParameters.Edge));
            Assert.All(estimate.Counts.Pack(), value => Assert.True(double.IsFinite(value)));
            Assert.True(double.IsFinite(estimate.Objective));
            Assert.False(estimate.LabelsSwitched);
        }));

    [Fact]
    public async Task RunAsync_WarmStartTurnedRound_IsTurnedBack()
    {
        var (crowd, _) = Crowd.Simulate(21, 2_000, 5, 0.75, _planted);
        var settings = new ReliabilitySettings { Tolerance = 1e-12 };
        var estimate = await crowd.EstimateAsync(settings);
        var again = await crowd.EstimateAsync(settings, estimate.Parameters.Swapped());
        Assert.True(again is { Converged: true, LabelsSwitched: false });
        Assert.Equal(estimate.Objective, again.Objective, 1e-4);
        Assert.Equal(estimate.Parameters.Prior, again.Parameters.Prior, 1e-3);
    }

    /// <summary>A thousand votes more than the model that it begins from: it climbs to the same top in fewer rounds.</summary>
    [Theory]
    [InlineData(ReliabilityMethod.OneCoin)]
    [InlineData(ReliabilityMethod.TwoCoin)]
    public async Task RunAsync_WarmStartAfterAThousandNewVotes_EndsAtTheSameTopSooner(ReliabilityMethod method)
    {
        var (crowd, _) = Crowd.Simulate(24, 20_000, 3, 0.8, _planted);
        var settings = new ReliabilitySettings { Method = method };
        var before = await (crowd with { Images = crowd.Images[..^334] }).EstimateAsync(settings);
        var cold = await crowd.EstimateAsync(settings);
        var warm = await crowd.EstimateAsync(settings, before.Parameters);
        Assert.True(warm.Converged && warm.Iterations < cold.Iterations / 2, $"{warm.Iterations} rounds instead of {cold.Iterations}");
        // Both stop once a round adds 1e-8 a vote; that is how far below the top they may be, a few times over.
        Assert.Equal(cold.Objective, warm.Objective, 1e-6 * crowd.Images.Sum(image => image.Length));
        Assert.All(cold.Parameters.Coins.Zip(warm.Parameters.Coins), coins => Assert.Equal(coins.First.Informedness, coins.Second.Informedness, 1e-2));
    }

    /// <summary>Nearly every label is wrong, and the settings insist that nearly every one is right: then everybody must be lying.</summary>
    [Fact]
    public async Task RunAsync_FixedPriorThatCannotBe_IsFlagged()
    {
        var (crowd, _) = Crowd.Simulate(22, 2_000, 2, 0.05, [.. Enumerable.Repeat(new WorkerCoins(0.7, 0.7), 6)]);
        Assert.True((await crowd.EstimateAsync(Crowd.Unsmoothed with { Prior = 0.97 })).LabelsSwitched);
        Assert.False((await crowd.EstimateAsync(Crowd.Unsmoothed with { Prior = 0.05 })).LabelsSwitched);
    }

    [Fact]
    public async Task RunAsync_WarmStartAtTheTop_StopsAfterTwoIterations()
    {
        var (crowd, _) = Crowd.Simulate(23, 500, 3, 0.75, _planted);
        var cold = await crowd.EstimateAsync(new ReliabilitySettings());
        var warm = await crowd.EstimateAsync(new ReliabilitySettings(), cold.Parameters);
        Assert.True(cold.Iterations > 5, $"{cold.Iterations} iterations");
        Assert.Equal((2, true), (warm.Iterations, warm.Converged));
    }

    /// <summary>Workers who came since begin as strangers to the model, and are then estimated like all.</summary>
    [Fact]
    public async Task RunAsync_WarmStartOfFewerWorkers_EndsAtTheSameTop()
    {
        var (crowd, _) = Crowd.Simulate(25, 2_000, 4, 0.75, _planted);
        var settings = new ReliabilitySettings { Tolerance = 1e-12 };
        var cold = await crowd.EstimateAsync(settings);
        var warm = await crowd.EstimateAsync(settings, cold.Parameters.Select([0, 1, 2, 3]));
        Assert.Equal(_planted.Length, warm.Parameters.Coins.Length);
        Assert.Equal(cold.Objective, warm.Objective, 1e-4);
    }

    [Fact]
    public async Task RunAsync_SumsOfAnotherNumberOfWorkers_Throws() => await Assert.ThrowsAsync<ArgumentException>(() => ReliabilityEstimator.RunAsync(
        new ReliabilitySettings(), 2, null, _ => Task.FromResult(new ExpectedCounts(1)), TestContext.Current.CancellationToken));

    [Fact]
    public async Task RunAsync_BoundReached_SaysSo()
    {
        var estimate = await Crowd.Simulate(24, 500, 3, 0.75, _planted).Crowd.EstimateAsync(new ReliabilitySettings { MaxIterations = 3 });
        Assert.Equal((3, false), (estimate.Iterations, estimate.Converged));
    }

    [Fact]
    public async Task RunAsync_Cancelled_Throws() => await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReliabilityEstimator.RunAsync(
        new ReliabilitySettings(), 1, null, _ => Task.FromResult(new ExpectedCounts(1)), new CancellationToken(canceled: true)));

    [Fact]
    public async Task RunAsync_SettingsWithAProblem_Throws() => await Assert.ThrowsAsync<ArgumentException>(() => Crowd.Of("+").EstimateAsync(new ReliabilitySettings { Prior = 1 }));

    [Fact]
    public void Problems_EverythingWrong_AreAllNamed() => Assert.Equal(
        ["method", "prior", "smoothing", "maxIterations", "tolerance"],
        new ReliabilitySettings { Method = (ReliabilityMethod)9, Prior = double.NaN, Smoothing = new CoinSmoothing(double.NaN, 1), MaxIterations = 0, Tolerance = 0 }
            .Problems().Select(problem => problem.Field));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    [InlineData(-1, -1)]
    [InlineData(1001, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    public void Problems_SmoothingThatMisleads_IsOne(double hits, double misses) =>
        Assert.Equal("smoothing", Assert.Single(new ReliabilitySettings { Smoothing = new CoinSmoothing(hits, misses) }.Problems()).Field);

    [Fact]
    public void Problems_DefaultsAndNoSmoothing_AreNone()
    {
        Assert.Empty(new ReliabilitySettings().Problems());
        Assert.Empty(Crowd.Unsmoothed.Problems());
    }
}

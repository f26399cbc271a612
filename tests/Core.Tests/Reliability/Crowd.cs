using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>Votes as tests write them: by image, each with the worker's index and whether it disconfirms.</summary>
internal sealed record Crowd(int Workers, (int Worker, bool Disconfirms)[][] Images)
{
    public static readonly ReliabilitySettings Unsmoothed = new() { Smoothing = CoinSmoothing.None };

    public static readonly Gen<WorkerCoins> AnyCoins =
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], (confirms, catches) => new WorkerCoins(confirms, catches));

    /// <summary>Images as text: <c>"+-."</c> is worker 0 confirming, worker 1 disconfirming and worker 2 without a vote.</summary>
    public static Crowd Of(params string[] images) => new(
        images.Max(image => image.Length),
        [.. images.Select(image => image.Select((answer, worker) => (answer, worker)).Where(vote => vote.answer != '.')
            .Select(vote => (vote.worker, vote.answer == '-')).ToArray())]);

    /// <summary>Votes as a model would have them, some so many an image, and the truth: whether each label is right.</summary>
    public static (Crowd Crowd, bool[] Right) Simulate(int seed, int images, int votes, double prior, WorkerCoins[] coins)
    {
        var random = new Random(seed);
        var right = Enumerable.Range(0, images).Select(_ => random.NextDouble() < prior).ToArray();
        int[] workers = [.. Enumerable.Range(0, coins.Length)];
        var voted = right.Select(isRight => random.GetItems(workers, 4 * votes).Distinct().Take(votes)
            .Select(worker => (worker, random.NextDouble() < Probability(coins[worker], disconfirms: true, isRight))).ToArray());
        return (new Crowd(coins.Length, [.. voted]), right);
    }

    /// <summary>One to seven images on which each of so many workers votes or not.</summary>
    public static Gen<Crowd> Any(int workers) =>
        Gen.OneOfConst('+', '-', '.').Array[workers].Array[1, 7].Select(images => Of([.. images.Select(image => new string(image))]));

    public VoteBlock Block() => Block(Enumerable.Range(0, Images.Length));

    /// <summary>Some of the images, by their places.</summary>
    public VoteBlock Block(IEnumerable<int> images)
    {
        var builder = new VoteBlockBuilder([.. Enumerable.Range(0, Workers).Select(worker => HoldOut.KeyOf($"worker {worker}"))]);
        foreach (var image in images) builder.Add(HoldOut.KeyOf($"image {image}"), Images[image]);
        return builder.Build();
    }

    public Task<ReliabilityEstimate> EstimateAsync(ReliabilitySettings settings, ReliabilityParameters? warmStart = null)
    {
        var block = Block();
        return ReliabilityEstimator.RunAsync(
            settings, Workers, warmStart, parameters => Task.FromResult(Expect(block, parameters)), TestContext.Current.CancellationToken);
    }

    private static ExpectedCounts Expect(VoteBlock block, ReliabilityParameters? parameters) =>
        parameters is null ? block.ExpectByMajority() : block.Expect(parameters);

    /// <summary>How well models fitted to the other votes predict those held out.</summary>
    public static Task<HeldOutScores?> ScoreAsync(Crowd crowd, HoldOut holdOut)
    {
        var block = crowd.Block();
        var left = block.WithoutHeldOut(holdOut);
        return HeldOutLikelihood.RunAsync(
            new ReliabilitySettings(), crowd.Workers, parameters => Task.FromResult(Expect(left, parameters)),
            models => Task.FromResult(block.Score(holdOut, models)), TestContext.Current.CancellationToken);
    }

    /// <summary>What a rule's sum is for an image.</summary>
    public static long SumOf(PosteriorRule rule, IEnumerable<(int Worker, bool Disconfirms)> votes) =>
        votes.Aggregate(rule.Prior, (sum, vote) => sum + (vote.Disconfirms ? rule.Disconfirm(vote.Worker) : rule.Confirm(vote.Worker)));

    /// <summary>The probability of a vote, as the model is written.</summary>
    public static double Probability(WorkerCoins coins, bool disconfirms, bool isRight) =>
        isRight ? (disconfirms ? 1 - coins.ConfirmsRight : coins.ConfirmsRight) : disconfirms ? coins.CatchesWrong : 1 - coins.CatchesWrong;
}

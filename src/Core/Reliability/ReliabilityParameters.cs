using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>
/// A model of a job's workers: how often labels are right, and every worker's coins. All probabilities are within
/// <see cref="Edge"/> of 0 and 1, so that no vote is impossible and no logarithm infinite.
/// </summary>
public sealed class ReliabilityParameters
{
    /// <summary>No probability is nearer to 0 or 1 than this: a single vote never says more than 21 nats.</summary>
    public const double Edge = 1e-9;

    /// <summary>Numbers before those of the workers when packed: prior and the two coins of unknown workers.</summary>
    private const int Header = 3;

    /// <summary>Of fewer expected votes no share is taken.</summary>
    private const double LeastVotes = 1e-300;

    private static readonly WorkerCoins _nothingKnown = new(0.5, 0.5);

    /// <param name="prior">Probability that a label is right, from 0 to 1.</param>
    /// <param name="coins">By worker; each from 0 to 1.</param>
    /// <param name="unknown">Those of workers that are not among them.</param>
    /// <exception cref="ArgumentException">One is not a number from 0 to 1.</exception>
    public ReliabilityParameters(double prior, ImmutableArray<WorkerCoins> coins, WorkerCoins unknown)
    {
        Prior = Inside(prior);
        Coins = ImmutableArray.CreateRange(coins, Inside);
        Unknown = Inside(unknown);
    }

    /// <summary>Probability that a label is right before anybody voted.</summary>
    public double Prior { get; }

    /// <summary>By worker.</summary>
    public ImmutableArray<WorkerCoins> Coins { get; }

    /// <summary>
    /// Taken for workers the model does not know, and for a coin of which nothing is known: the mean of the smoothing's prior;
    /// without smoothing the mean of the known workers, weighted by votes; without votes one half, which says nothing.
    /// </summary>
    public WorkerCoins Unknown { get; }

    /// <summary>The coins of a worker; of one who is not known, <see cref="Unknown"/>.</summary>
    public WorkerCoins CoinsOf(int worker) => (uint)worker < (uint)Coins.Length ? Coins[worker] : Unknown;

    /// <summary>The M-step: the parameters under which these counts, with the smoothing, are most likely.</summary>
    public static ReliabilityParameters From(ExpectedCounts counts, ReliabilitySettings settings)
    {
        var prior = settings.Prior ?? (counts.Images == 0 ? 0.5 : counts.RightImages / counts.Images);
        var oneCoin = settings.Method == ReliabilityMethod.OneCoin;
        var all = Sum(counts);
        // A mean over all votes is what these formulas give for everybody together.
        var unknown = settings.Smoothing.Mean is { } mean
            ? new WorkerCoins(mean, mean)
            : CoinsOf(all, oneCoin, CoinSmoothing.None, _nothingKnown);
        var coins = ImmutableArray.CreateBuilder<WorkerCoins>(counts.Workers);
        for (var worker = 0; worker < counts.Workers; worker++) coins.Add(CoinsOf(counts[worker], oneCoin, settings.Smoothing, unknown));
        return new ReliabilityParameters(prior, coins.MoveToImmutable(), unknown);
    }

    /// <summary>The parameters of some workers, in their order.</summary>
    /// <param name="localToGlobal">Indices of workers of these parameters; any other index, such as -1, means an unknown worker.</param>
    public ReliabilityParameters Select(ReadOnlySpan<int> localToGlobal)
    {
        var coins = ImmutableArray.CreateBuilder<WorkerCoins>(localToGlobal.Length);
        foreach (var global in localToGlobal) coins.Add(CoinsOf(global));
        return new ReliabilityParameters(Prior, coins.MoveToImmutable(), Unknown);
    }

    /// <summary>Everything as one array, for the wire.</summary>
    public double[] Pack()
    {
        var packed = new double[Header + (2 * Coins.Length)];
        (packed[0], packed[1], packed[2]) = (Prior, Unknown.ConfirmsRight, Unknown.CatchesWrong);
        for (var worker = 0; worker < Coins.Length; worker++)
            (packed[Header + (2 * worker)], packed[Header + (2 * worker) + 1]) = (Coins[worker].ConfirmsRight, Coins[worker].CatchesWrong);
        return packed;
    }

    /// <summary>The parameters that were packed.</summary>
    /// <exception cref="ArgumentException">Nothing that was packed looks like this.</exception>
    public static ReliabilityParameters Unpack(ReadOnlySpan<double> packed)
    {
        if (packed.Length < Header || (packed.Length - Header) % 2 != 0) throw new ArgumentException($"{packed.Length} numbers are no parameters", nameof(packed));
        var coins = ImmutableArray.CreateBuilder<WorkerCoins>((packed.Length - Header) / 2);
        for (var at = Header; at < packed.Length; at += 2) coins.Add(new WorkerCoins(packed[at], packed[at + 1]));
        return new ReliabilityParameters(packed[0], coins.MoveToImmutable(), new WorkerCoins(packed[1], packed[2]));
    }

    /// <summary>One coin for everybody, as <see cref="From"/> would estimate it were they one worker.</summary>
    internal static double SharedCoin(ExpectedCounts counts, CoinSmoothing smoothing) =>
        Inside(CoinsOf(Sum(counts), oneCoin: true, smoothing, _nothingKnown).ConfirmsRight);

    /// <summary>The same model with right and wrong in each other's place.</summary>
    internal ReliabilityParameters Swapped() => new(1 - Prior, ImmutableArray.CreateRange(Coins, coins => coins.Swapped), Unknown.Swapped);

    /// <summary>The logarithms of the probabilities of a right and of a wrong label.</summary>
    internal Vector128<double> LogPrior => Vector128.Create(Math.Log(Prior), Math.Log(1 - Prior));

    /// <summary>By vote (worker and answer) of so many workers: the logarithms of its probability on a right image and on a wrong one.</summary>
    internal Vector128<double>[] LogByVote(int workers)
    {
        var logs = new Vector128<double>[2 * workers];
        for (var worker = 0; worker < workers; worker++)
        {
            var coins = CoinsOf(worker);
            logs[2 * worker] = Vector128.Create(Math.Log(coins.ConfirmsRight), Math.Log(1 - coins.CatchesWrong));
            logs[(2 * worker) + 1] = Vector128.Create(Math.Log(1 - coins.ConfirmsRight), Math.Log(coins.CatchesWrong));
        }
        return logs;
    }

    private static WorkerCoins CoinsOf(WorkerCounts counts, bool oneCoin, CoinSmoothing smoothing, WorkerCoins unknown)
    {
        if (oneCoin)
        {
            var coin = Coin(counts.Hits, counts.RightVotes + counts.WrongVotes, smoothing, unknown.ConfirmsRight);
            return new WorkerCoins(coin, coin);
        }
        return new WorkerCoins(
            Coin(counts.RightConfirms, counts.RightVotes, smoothing, unknown.ConfirmsRight),
            Coin(counts.WrongDisconfirms, counts.WrongVotes, smoothing, unknown.CatchesWrong));
    }

    /// <summary>An estimated coin: hits of votes, with those of the smoothing. Where there are none at all, it is that of unknown workers.</summary>
    internal static double Coin(double hits, double votes, CoinSmoothing smoothing, double unknown)
    {
        var sum = votes + smoothing.Hits + smoothing.Misses;
        // Numbers next to nothing are too coarse to divide, and rounding may leave more hits than votes.
        return sum < LeastVotes ? unknown : Math.Clamp((hits + smoothing.Hits) / sum, 0, 1);
    }

    private static WorkerCounts Sum(ExpectedCounts counts)
    {
        var sum = default(WorkerCounts);
        for (var worker = 0; worker < counts.Workers; worker++)
        {
            var of = counts[worker];
            sum = new WorkerCounts(
                sum.RightVotes + of.RightVotes, sum.RightConfirms + of.RightConfirms, sum.WrongVotes + of.WrongVotes, sum.WrongDisconfirms + of.WrongDisconfirms);
        }
        return sum;
    }

    private static WorkerCoins Inside(WorkerCoins coins) => new(Inside(coins.ConfirmsRight), Inside(coins.CatchesWrong));

    private static double Inside(double probability) => probability is >= 0 and <= 1
        ? Math.Clamp(probability, Edge, 1 - Edge)
        : throw new ArgumentException($"{probability} is no probability", nameof(probability));
}

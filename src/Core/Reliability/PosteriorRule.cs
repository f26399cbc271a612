using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>
/// Decides verdicts by a model: every vote adds its worker's log odds, and the sum is compared with a level. Log odds are whole
/// numbers of 2^-32, so that sums are exact and the order of votes can't matter. Never changes.
/// </summary>
public sealed class PosteriorRule
{
    private const double One = 1L << 32;

    /// <summary>By vote: worker * 2, and 1 more where it disconfirms. The last worker stands for all that are not known.</summary>
    private readonly ImmutableArray<long> _weights;

    private readonly long _threshold;

    /// <param name="parameters">The model.</param>
    /// <param name="level">How sure a verdict must be, above 0.5 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not.</exception>
    public PosteriorRule(ReliabilityParameters parameters, double level)
    {
        if (!(level > 0.5 && level < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "not above 0.5 and below 1");
        _threshold = ToFixedPoint(Math.Log(level) - Math.Log(1 - level));
        Prior = LogOdds(parameters.LogPrior);
        _weights = [.. parameters.LogByVote(parameters.Coins.Length + 1).Select(LogOdds)];
    }

    /// <summary>What the sum of an image begins with: the log odds of a right label before anybody voted.</summary>
    public long Prior { get; }

    /// <summary>What a confirming vote adds. Workers that the model does not know have its coins for them.</summary>
    public long Confirm(int worker) => _weights[At(worker)];

    /// <summary>What a disconfirming vote adds.</summary>
    public long Disconfirm(int worker) => _weights[At(worker) + 1];

    /// <summary>Probability that the label is right, from <see cref="Prior"/> and what the votes added.</summary>
    public static double Posterior(long sum) => 1 / (1 + Math.Exp(-sum / One));

    /// <summary>
    /// Unreviewed without votes; Confirmed where the label is right with the level's probability at least, Disconfirmed where it is wrong
    /// with it; otherwise Split, also where all votes agree and are too few or their workers too unreliable.
    /// </summary>
    /// <param name="sum">As for <see cref="Posterior"/>.</param>
    /// <param name="votes">How many votes are in it.</param>
    public Verdict Decide(long sum, int votes) =>
        votes == 0 ? Verdict.Unreviewed : sum >= _threshold ? Verdict.Confirmed : sum <= -_threshold ? Verdict.Disconfirmed : Verdict.Split;

    private int At(int worker) => 2 * (int)Math.Min((uint)worker, ((uint)_weights.Length / 2) - 1);

    private static long LogOdds(Vector128<double> logs) => ToFixedPoint(logs[0] - logs[1]);

    /// <summary>Rounded: with 256 votes a sum is within 2^-24 of the unrounded one.</summary>
    private static long ToFixedPoint(double value) => (long)Math.Round(value * One);
}

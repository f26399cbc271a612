using MathNet.Numerics;

namespace BulkQA.Core;

/// <summary>Whether a class, or a bucket of one, keeps its target.</summary>
public enum TargetVerdict : byte
{
    /// <summary>Go on reviewing.</summary>
    Open,

    /// <summary>It keeps the target.</summary>
    Pass,

    /// <summary>It does not.</summary>
    Fail,
}

/// <summary>
/// Tells as early as it can whether the ratio of incorrect to correct among so many images stays within a target, from reviews in random
/// order, and is valid however often one looks.
/// </summary>
/// <remarks>
/// The prior-posterior ratio of sampling without replacement (I. Waudby-Smith and A. Ramdas, "Confidence sequences for sampling without
/// replacement", NeurIPS 2020, section 2): for each number K of incorrect images in the population, the chance of what was reviewed under
/// some mixture of shares, over its chance under K, is a martingale that starts at 1. By Ville's inequality it ever reaches 1/error with
/// probability at most the error where K is true. A class passes once that is so for each K that breaks the target, which is so when it is for
/// the least of them, and fails once it is so for each that keeps it. Here the mixture is of the side to be shown alone (shares evenly spread
/// up to the target's, or from it up), which is valid as any and decides earlier than one over all shares. It goes by counts alone, not by
/// the order of reviews as betting does, so that partitions add up and replaced answers need no replay.
/// </remarks>
public static class TargetTest
{
    /// <summary>What the reviews so far come to.</summary>
    /// <param name="counts">Images, and those reviewed in random order. One decision stands for all looks at the same images.</param>
    /// <param name="maxIncorrectPerCorrect">The target: a ratio of zero or more.</param>
    /// <param name="error">
    /// The probability of a wrong decision, at any time, at most; above 0 and below 1. For several classes together, share it: the sum of their
    /// errors bounds the probability of any wrong decision.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is negative or not finite, or the error outside its range.</exception>
    public static TargetVerdict Decide(ReviewCounts counts, double maxIncorrectPerCorrect, double error)
    {
        if (!(maxIncorrectPerCorrect >= 0 && double.IsFinite(maxIncorrectPerCorrect)))
            throw new ArgumentOutOfRangeException(nameof(maxIncorrectPerCorrect), maxIncorrectPerCorrect, "not a number from 0 up");
        if (!(error > 0 && error < 1)) throw new ArgumentOutOfRangeException(nameof(error), error, "not above 0 and below 1");
        var (images, reviewed, incorrect) = (counts.Images, counts.Reviewed, counts.Incorrect);
        var share = maxIncorrectPerCorrect / (1 + maxIncorrectPerCorrect);
        var allowed = (long)Math.Floor((share * images) + 1e-9);
        // What is certain by counting needs no test.
        if (incorrect > allowed) return TargetVerdict.Fail;
        if (incorrect + (images - reviewed) <= allowed) return TargetVerdict.Pass;
        if (reviewed == 0) return TargetVerdict.Open;
        var needed = -Math.Log(error);
        // Between the greatest number that keeps the target and the least that breaks it.
        var edge = (allowed + 0.5) / images;
        if (LogMixture(incorrect, reviewed, edge, isBelow: true) - LogChance(incorrect, reviewed, allowed + 1, images) >= needed
            && (double)incorrect * images <= (double)(allowed + 1) * reviewed) return TargetVerdict.Pass;
        return LogMixture(incorrect, reviewed, edge, isBelow: false) - LogChance(incorrect, reviewed, allowed, images) >= needed
            && (double)incorrect * images >= (double)allowed * reviewed ? TargetVerdict.Fail : TargetVerdict.Open;
    }

    /// <summary>The logarithm of the chance of reviews in some order under shares of incorrect images spread evenly to one side of the edge.</summary>
    internal static double LogMixture(long incorrect, long reviewed, double edge, bool isBelow)
    {
        var (a, b) = (incorrect + 1.0, reviewed - incorrect + 1.0);
        var inside = isBelow ? SpecialFunctions.BetaRegularized(a, b, edge) : SpecialFunctions.BetaRegularized(b, a, 1 - edge);
        return SpecialFunctions.BetaLn(a, b) + Math.Log(inside) - Math.Log(isBelow ? edge : 1 - edge);
    }

    /// <summary>The logarithm of the chance of the same where exactly so many images are incorrect.</summary>
    internal static double LogChance(long incorrect, long reviewed, long marked, long images)
    {
        var correct = reviewed - incorrect;
        if (incorrect > marked || correct > images - marked) return double.NegativeInfinity;
        return Hypergeometric.LogChoose(marked, incorrect) + Hypergeometric.LogChoose(images - marked, correct) - Hypergeometric.LogChoose(images, reviewed)
            - Hypergeometric.LogChoose(reviewed, incorrect);
    }
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// Which thresholds can be vouched for all at once: with the level's probability at least, none that is accepted lets more incorrect images
/// through than the target allows, so that the lowest of them may be taken.
/// </summary>
/// <remarks>
/// Learn then Test with fixed-sequence testing from several starts (A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei,
/// "Learn then Test: calibrating predictive algorithms to achieve risk control", arXiv 2110.01052 (2021), section 3.1), with the exact
/// hypergeometric tail as p-value. From each start thresholds are tested from the highest down until one fails. The error is shared
/// equally by the starts; how many there are and where is chosen by how many images there are and are reviewed, never by what reviews said,
/// as it has to be. Holds where the images reviewed are as good as drawn at random.
/// </remarks>
internal static class FixedSequence
{
    private const int MaxStarts = 4;

    /// <summary>The index of the lowest threshold accepted; null for none.</summary>
    /// <param name="atOrAbove">From the highest threshold down.</param>
    /// <param name="targetPrecision">Share of the images at or above a threshold that has to be correct, 0 to 1.</param>
    /// <param name="error">One minus the level, above 0 and below 1.</param>
    public static int? LowestAccepted(ImmutableArray<FineStep> atOrAbove, double targetPrecision, double error)
    {
        int? accepted = null;
        // Where all images are reviewed nothing is left to chance.
        for (var at = 0; at < atOrAbove.Length && atOrAbove[at].Counts is var counts && counts.Reviewed == counts.Images; at++)
            if (counts.Incorrect <= Allowed(counts, targetPrecision)) accepted = at;
        if (FindStart(atOrAbove, targetPrecision, error, 0) is not { } first) return accepted;
        var (fewest, most) = (Math.Max(1, atOrAbove[first].Counts.Reviewed), atOrAbove[^1].Counts.Reviewed);
        var starts = Math.Clamp((int)Math.Log2((double)most / fewest), 1, MaxStarts);
        var share = error / starts;
        for (var start = 0; start < starts; start++)
        {
            var reviewed = fewest * Math.Pow((double)most / fewest, (double)start / starts);
            if (FindStart(atOrAbove, targetPrecision, share, reviewed) is not { } at) break;
            // An earlier run that came by here went on to where it failed, and so would this one.
            if (at <= accepted) continue;
            for (; at < atOrAbove.Length && Passes(atOrAbove[at].Counts, targetPrecision, share); at++) accepted = at;
        }
        return accepted;
    }

    /// <summary>The first threshold with so many reviewed images, and others, that would pass if all of the reviewed were correct.</summary>
    private static int? FindStart(ImmutableArray<FineStep> atOrAbove, double targetPrecision, double error, double reviewed)
    {
        for (var at = 0; at < atOrAbove.Length; at++)
        {
            var counts = atOrAbove[at].Counts;
            if (counts.Reviewed < counts.Images && counts.Reviewed >= reviewed && Passes(counts with { Confirmed = counts.Reviewed }, targetPrecision, error)) return at;
        }
        return null;
    }

    /// <summary>How many incorrect images the target allows.</summary>
    public static long Allowed(ReviewCounts counts, double targetPrecision) => (long)Math.Floor(((1 - targetPrecision) * counts.Images) + 1e-9);

    /// <summary>Whether so few incorrect images would be seen with the error's probability at most, if there were more than are allowed.</summary>
    internal static bool Passes(ReviewCounts counts, double targetPrecision, double error)
    {
        var (images, drawn, incorrect, tooMany) = (counts.Images, counts.Reviewed, counts.Incorrect, Allowed(counts, targetPrecision) + 1);
        if (tooMany > images) return true;
        if (drawn == images) return incorrect < tooMany;
        var (seen, share) = (incorrect, (double)tooMany / images);
        if (drawn == 0 || seen > drawn * share) return false;
        // Hoeffding's bound, which holds without replacement too, decides most thresholds at once.
        if (-drawn * Divergence((double)seen / drawn, share) <= Math.Log(error)) return true;
        return Hypergeometric.AtMost(seen, drawn, tooMany, images) <= error * (1 + Hypergeometric.Tolerance);
    }

    private static double Divergence(double seen, double share) =>
        (seen == 0 ? 0 : seen * Math.Log(seen / share)) + (seen == 1 ? 0 : (1 - seen) * Math.Log((1 - seen) / (1 - share)));
}

using MathNet.Numerics;

namespace BulkQA.Bench;

/// <summary>
/// How few reviews any test could do with that keeps its level, however it is made: what it costs at least to tell the true number of incorrect images from the
/// one number on the other side of the target that is nearest, for somebody who knows that it is one of these two. By Lagrange: for any prices of the two kinds
/// of error, the least that reviews and errors cost together (by dynamic programming over what may be seen) less what the allowed errors cost is below the mean number of reviews.
/// </summary>
internal static class DecisionLimit
{
    /// <summary>A bound on the share of reviews that is saved in the mean, from 0 to 1.</summary>
    /// <param name="images">Of the class.</param>
    /// <param name="incorrect">Of them; the truth.</param>
    /// <param name="other">The number of incorrect images nearest to it of which the other decision is right; null where there is none, so that nothing need be reviewed.</param>
    /// <param name="error">The probability of a wrong decision that is allowed, whichever is the truth.</param>
    public static double MostSaved(int images, int incorrect, int? other, double error)
    {
        if (other is not { } rival) return 1;
        var best = 0.0;
        // The bound holds at any prices; the best of some is nearly the best there is.
        for (var missed = 1.0; missed <= 1e5; missed *= 1.25)
            for (var wrong = 0.0; wrong <= 2 * images; wrong = wrong == 0 ? images / 8.0 : wrong * 2)
                best = Math.Max(best, Cost(images, incorrect, rival, missed, wrong) - (error * (missed + wrong)));
        return 1 - (best / images);
    }

    private static double Cost(int images, int incorrect, int rival, double missed, double wrong)
    {
        var next = new double[images + 2];
        for (var reviewed = images - 1; reviewed >= 0; reviewed--)
        {
            var now = new double[images + 2];
            for (var seen = Math.Max(0, incorrect - (images - reviewed)); seen <= Math.Min(reviewed, incorrect); seen++)
            {
                var left = images - reviewed;
                var chance = (double)(incorrect - seen) / left;
                var further = 1 + (chance > 0 ? chance * next[seen + 1] : 0) + (chance < 1 ? (1 - chance) * next[seen] : 0);
                now[seen] = Math.Min(further, Math.Min(missed * Ratio(images, incorrect, rival, reviewed, seen), wrong));
            }
            next = now;
        }
        return next[0];
    }

    /// <summary>How much likelier what was seen is under the rival's number than under the true one.</summary>
    private static double Ratio(int images, int incorrect, int rival, int reviewed, int seen) =>
        seen > rival || reviewed - seen > images - rival ? 0 : Math.Exp(LogChance(images, rival, reviewed, seen) - LogChance(images, incorrect, reviewed, seen));

    private static double LogChance(int images, int marked, int reviewed, int seen) =>
        SpecialFunctions.BinomialLn(marked, seen) + SpecialFunctions.BinomialLn(images - marked, reviewed - seen) - SpecialFunctions.BinomialLn(images, reviewed);
}

using MathNet.Numerics.Distributions;

namespace BulkQA.Core;

/// <summary>Confidence intervals for the mean of the shares of several classes, each reviewed in random order; every class counts alike.</summary>
public static class MeanInterval
{
    /// <summary>
    /// From each class's share and its exact interval, as G. Y. Zou and A. Donner combine intervals that are not symmetric ("Construction of confidence limits
    /// about effect measures: a general approach", Statistics in Medicine 27, 2008): what the ends are away from the shares adds up in squares. A class that is
    /// all right so far has nothing above it, which says nothing of how often others like it come out so; therefore no distance is taken for less than that of
    /// the normal approximation, with half an image added to either side (H. Jeffreys' prior). Approximate; observed coverage is in docs/statistics.md.
    /// </summary>
    /// <param name="classes">The reviewed classes, each with the exact interval of its share, from 0 to 1.</param>
    /// <param name="empty">Classes without reviews that count as a share of 0, for certain.</param>
    /// <param name="certainty">Of what the intervals are, and how certainly.</param>
    /// <exception cref="ArgumentException">There is no class.</exception>
    public static Interval Of(IReadOnlyCollection<(ReviewCounts Counts, Interval Interval)> classes, int empty, Certainty certainty)
    {
        var all = classes.Count + empty;
        if (all == 0) throw new ArgumentException("there is no class to take the mean of");
        if (classes.Count == 1) return new Interval(classes.First().Interval.Lower / all, classes.First().Interval.Upper / all);
        var z = -Normal.InvCDF(0, 1, (1 - certainty.Level) / 2);
        var (sum, below, above) = (0.0, 0.0, 0.0);
        foreach (var (counts, (lower, upper)) in classes)
        {
            var share = (double)counts.Confirmed / counts.Reviewed;
            var least = z * DeviationOf(counts, certainty.Scope);
            sum += share;
            below += Square(Math.Max(share - lower, least));
            above += Square(Math.Max(upper - share, least));
        }
        return new Interval(Math.Max(0, (sum - Math.Sqrt(below)) / all), Math.Min(1, (sum + Math.Sqrt(above)) / all));
    }

    private static double DeviationOf(ReviewCounts counts, Scope scope)
    {
        var share = (counts.Confirmed + 0.5) / (counts.Reviewed + 1);
        var unknown = scope == Scope.Corpus ? 1 - ((double)counts.Reviewed / counts.Images) : 1;
        return Math.Sqrt(share * (1 - share) / (counts.Reviewed + 1) * unknown);
    }

    private static double Square(double value) => value * value;
}

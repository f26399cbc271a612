namespace BulkQA.Core;

/// <summary>
/// Which share of all images is correct, from random samples of their parts (strata) that may be sampled unlike one another: each sampled image
/// stands for as many as its part has images a sampled one.
/// </summary>
/// <param name="Share">
/// The Horvitz-Thompson estimate, from 0 to 1: unbiased. Null where a part that has images has no reviews, of which nothing is known then.
/// </param>
/// <param name="StandardError">Of the estimate, with the variance of finite populations; null where a part has a single review, or the estimate is null.</param>
/// <param name="Interval">Covers the true share with the level's probability at least, whatever the parts' shares are.</param>
public sealed record StratifiedShare(double? Share, double? StandardError, Interval Interval)
{
    /// <summary>The longest step that is taken towards the best bound; beyond it, it changes by nothing that can be seen.</summary>
    private const double MostPerDraw = 40;

    /// <summary>Each makes what is left to look at three fifths as long; more of them narrow the interval by nothing that can be seen.</summary>
    private const int Steps = 20;

    /// <summary>
    /// Estimate and standard error: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), sections 5.3 and 5.11. Interval: exact where one part is
    /// not reviewed in full (<see cref="HypergeometricInterval"/>); otherwise the shares that Chernoff's bound refuses at neither end, each at half the error.
    /// For the bound a part's sample is taken as drawn with replacement, or what is not in it as that, whichever varies less: the moments of sums without
    /// replacement are below (W. Hoeffding, "Probability inequalities for sums of bounded random variables", 1963, theorem 4). How the parts differ is taken
    /// as bad as what is reviewed allows. It is up to two fifths wider than the normal approximation, and up to twice where half of the images are reviewed; that one does not
    /// keep its level where parts are small or nearly all right.
    /// </summary>
    /// <param name="strata">The parts, each reviewed in random order.</param>
    /// <param name="level">Such as 0.95; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is outside its range.</exception>
    public static StratifiedShare Of(IEnumerable<ReviewCounts> strata, double level)
    {
        Interval.CheckLevel(level);
        var parts = strata.Where(part => part.Images > 0).ToList();
        var images = parts.Sum(part => part.Images);
        if (images == 0) return new StratifiedShare(null, null, new Interval(0, 1));
        var isKnown = parts.TrueForAll(part => part.Reviewed > 0);
        return new StratifiedShare(
            isKnown ? parts.Sum(part => (double)part.Images / images * part.Confirmed / part.Reviewed) : null,
            isKnown ? StandardErrorOf(parts, images) : null,
            IntervalOf(parts, images, level));
    }

    private static double? StandardErrorOf(List<ReviewCounts> parts, long images)
    {
        var variance = 0.0;
        foreach (var part in parts.Where(part => part.Reviewed < part.Images))
        {
            if (part.Reviewed == 1) return null;
            var (weight, share) = ((double)part.Images / images, (double)part.Confirmed / part.Reviewed);
            variance += weight * weight * (1 - ((double)part.Reviewed / part.Images)) * share * (1 - share) / (part.Reviewed - 1);
        }
        return Math.Sqrt(variance);
    }

    private static Interval IntervalOf(List<ReviewCounts> parts, long images, double level)
    {
        var certain = parts.Where(part => part.Reviewed == part.Images).Sum(part => part.Confirmed);
        var unknown = parts.Where(part => part.Reviewed == 0).Sum(part => part.Images);
        var sampled = parts.Where(part => part.Reviewed > 0 && part.Reviewed < part.Images).ToList();
        if (sampled.Count == 0) return new Interval((double)certain / images, (double)(certain + unknown) / images);
        if (sampled is [var only])
        {
            var (lower, upper) = HypergeometricInterval.Exact(only.Confirmed, only.Reviewed, only.Images, level);
            return new Interval((certain + (lower * only.Images)) / images, (certain + (upper * only.Images) + unknown) / images);
        }
        var tail = (1 - level) / 2;
        var most = UpperShare(sampled, tail);
        var least = 1 - UpperShare(sampled.ConvertAll(part => part with { Confirmed = part.Incorrect }), tail);
        var all = sampled.Sum(part => part.Images);
        return new Interval((certain + (least * all)) / images, (certain + (most * all) + unknown) / images);
    }

    /// <summary>
    /// The share of the parts together is greater with probability <paramref name="tail"/> at most. Each pair of a step and a price gives a valid
    /// bound; the least that is found is taken.
    /// </summary>
    private static double UpperShare(List<ReviewCounts> parts, double tail)
    {
        var images = parts.Sum(part => part.Images);
        var draws = parts.ConvertAll(part => Draws.Of(part, images));
        var estimate = parts.Sum(part => (double)part.Images / images * part.Confirmed / part.Reviewed);
        var highest = parts.Sum(part => part.Images - part.Incorrect) / (double)images;
        var (shortest, longest) = (draws.Min(draw => draw.Weight), draws.Max(draw => draw.Weight));
        var best = Least(
            Math.Log(1e-3 / longest), Math.Log(MostPerDraw / shortest),
            logStep => Least(-12, MostPerDraw, logPrice => Bound(draws, estimate, Math.Log(tail), Math.Exp(logStep), logPrice)));
        return Math.Min(best, highest);
    }

    /// <summary>
    /// Above which share the bound is below the tail: E exp(-step (estimate - share)) is at most that of the worst parts of this share, which is at most
    /// its Lagrangian at any price.
    /// </summary>
    private static double Bound(List<Draws> draws, double estimate, double logTail, double step, double logPrice)
    {
        var slope = step * Math.Exp(logPrice);
        var sum = 0.0;
        foreach (var draw in draws) sum += draw.Worst(step, step - slope);
        // At this share the bound is just the tail, and it falls by the slope from there.
        return (sum - logTail + (step * estimate)) / slope;
    }

    /// <summary>The least value of a function that falls and then rises, by the golden section.</summary>
    private static double Least(double from, double to, Func<double, double> function)
    {
        const double Golden = 0.6180339887498949;
        var (left, right) = (to - (Golden * (to - from)), from + (Golden * (to - from)));
        var (atLeft, atRight) = (function(left), function(right));
        for (var step = 0; step < Steps; step++)
        {
            // What is not a number lies beyond what can be computed: nearer to the middle there is more to be had.
            if (!(atLeft > atRight))
            {
                (to, right, atRight) = (right, left, atLeft);
                left = to - (Golden * (to - from));
                atLeft = function(left);
            }
            else
            {
                (from, left, atLeft) = (left, right, atRight);
                right = from + (Golden * (to - from));
                atRight = function(right);
            }
        }
        return Math.Min(atLeft, atRight);
    }

    /// <summary>A part as independent draws: what is reviewed of it, or, with the sign turned, what is not.</summary>
    /// <param name="Count">How many draws.</param>
    /// <param name="Weight">What one adds to the estimate.</param>
    /// <param name="Sign">1 for what is reviewed, -1 for the rest.</param>
    /// <param name="Share">The part's images as a share of all parts'.</param>
    /// <param name="Lowest">The least share that it can have after what is reviewed.</param>
    /// <param name="Highest">The greatest.</param>
    private readonly record struct Draws(long Count, double Weight, int Sign, double Share, double Lowest, double Highest)
    {
        public static Draws Of(ReviewCounts part, long images)
        {
            var rest = part.Images - part.Reviewed;
            var share = (double)part.Images / images;
            return new Draws(
                Math.Min(part.Reviewed, rest), share / part.Reviewed, part.Reviewed <= rest ? 1 : -1, share,
                (double)part.Confirmed / part.Images, 1 - ((double)part.Incorrect / part.Images));
        }

        /// <summary>The greatest logarithm of the part's moment, less its share at this price.</summary>
        public double Worst(double step, double price)
        {
            var each = -step * Weight * Sign;
            var growth = Math.Exp(each) - 1;
            // Where the derivative is nought: the moment's logarithm is concave in the share.
            var wanted = each + (price * Share / Count);
            var share = wanted == 0 ? (growth > 0 ? Highest : Lowest) : (1 / wanted) - (1 / growth);
            if (wanted != 0 && Math.Sign(wanted) != Math.Sign(growth)) share = growth > 0 ? Highest : Lowest;
            share = Math.Clamp(share, Lowest, Highest);
            // A part that is all right or all wrong varies by nothing; rounding must not say otherwise.
            var moment = share is 0 or 1 ? 0 : Math.Log(1 + (share * growth)) - (each * share);
            return (Count * moment) - (price * Share * share);
        }
    }
}

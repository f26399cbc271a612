using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>Reviewed images of one predicted probability.</summary>
/// <param name="Probability">That the label is right, as predicted, from 0 to 1.</param>
/// <param name="Reviewed">How many.</param>
/// <param name="Confirmed">How many of them are right.</param>
public readonly record struct Prediction(double Probability, long Reviewed, long Confirmed);

/// <summary>What reviews say of predictions, and the same images split up so that a map is judged by images it was not fitted to.</summary>
public static class CalibrationSample
{
    /// <summary>Parts of cross-validation.</summary>
    public const int Folds = 5;

    private const int Seed = 1;

    /// <summary>
    /// The probability that stands for a step: its middle, off by half a step at most; and half a step below 1 for confidence 100, so that
    /// its logarithm of the odds exists.
    /// </summary>
    public static double ProbabilityOf(int step) => Math.Min(step + 0.5, FineHistogram.MaxStep - 0.5) / FineHistogram.MaxStep;

    /// <summary>The reviewed images with a confidence.</summary>
    public static ImmutableArray<Prediction> Of(IEnumerable<FineStep> steps) =>
        [.. steps.Where(step => step.Counts.Reviewed > 0).Select(step => new Prediction(ProbabilityOf(step.Step), step.Counts.Reviewed, step.Counts.Confirmed))];

    /// <summary>
    /// The reviewed images dealt out in turn by their confidence, blind to which are right: parts that were made equally right would tell each
    /// other of it. Within a step, which are right is drawn as from an urn. Parts are of the same size, to one image, and the same counts give
    /// the same parts.
    /// </summary>
    public static ImmutableArray<ImmutableArray<FineStep>> Deal(IEnumerable<FineStep> steps)
    {
        var parts = new ImmutableArray<FineStep>.Builder[Folds];
        for (var part = 0; part < Folds; part++) parts[part] = ImmutableArray.CreateBuilder<FineStep>();
        var random = new Random(Seed);
        var (before, places, rights) = (0L, new long[Folds], new long[Folds]);
        foreach (var (step, counts) in steps)
        {
            for (var part = 0; part < Folds; part++) places[part] = Dealt(before, counts.Reviewed, part);
            Draw(places, counts, random, rights);
            for (var part = 0; part < Folds; part++)
                if (places[part] > 0) parts[part].Add(new FineStep(step, new ReviewCounts(places[part], places[part], rights[part])));
            before += counts.Reviewed;
        }
        return [.. parts.Select(part => part.ToImmutable())];
    }

    /// <summary>How many right images come to each part, when all ways to put a step's images in its places are as likely.</summary>
    private static void Draw(long[] places, ReviewCounts counts, Random random, long[] rights)
    {
        // Right or wrong ones, whichever are fewer, take their places one by one.
        var isOfRights = counts.Confirmed <= counts.Incorrect;
        var free = (long[])places.Clone();
        for (var (left, image) = (counts.Reviewed, isOfRights ? counts.Confirmed : counts.Incorrect); image > 0; image--, left--)
        {
            var (place, part) = (random.NextInt64(left), 0);
            while (place >= free[part]) place -= free[part++];
            free[part]--;
        }
        for (var part = 0; part < Folds; part++) rights[part] = isOfRights ? places[part] - free[part] : free[part];
    }

    /// <summary>How many of <paramref name="images"/> go to a part when <paramref name="before"/> were dealt out before them.</summary>
    private static long Dealt(long before, long images, int part)
    {
        static long Upto(long dealt, int part) => (dealt + Folds - 1 - part) / Folds;
        return Upto(before + images, part) - Upto(before, part);
    }
}

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

    /// <summary>
    /// The probability that stands for a step: its middle, off by half a step at most; and half a step below 1 for confidence 100, so that
    /// its logarithm of the odds exists.
    /// </summary>
    public static double ProbabilityOf(int step) => Math.Min(step + 0.5, FineHistogram.MaxStep - 0.5) / FineHistogram.MaxStep;

    /// <summary>The reviewed images with a confidence.</summary>
    public static ImmutableArray<Prediction> Of(IEnumerable<FineStep> steps) =>
        [.. steps.Where(step => step.Counts.Reviewed > 0).Select(step => new Prediction(ProbabilityOf(step.Step), step.Counts.Reviewed, step.Counts.Confirmed))];

    /// <summary>
    /// The reviewed images dealt out in turn, right and wrong ones each by their confidence: parts of the same size and with as many right
    /// ones, to one image. The same counts give the same parts.
    /// </summary>
    public static ImmutableArray<ImmutableArray<FineStep>> Deal(IEnumerable<FineStep> steps)
    {
        var parts = new ImmutableArray<FineStep>.Builder[Folds];
        for (var part = 0; part < Folds; part++) parts[part] = ImmutableArray.CreateBuilder<FineStep>();
        var (rights, wrongs) = (0L, 0L);
        foreach (var (step, counts) in steps)
        {
            for (var part = 0; part < Folds; part++)
            {
                var (right, wrong) = (Dealt(rights, counts.Confirmed, part), Dealt(wrongs, counts.Incorrect, part));
                if (right + wrong > 0) parts[part].Add(new FineStep(step, new ReviewCounts(right + wrong, right + wrong, right)));
            }
            (rights, wrongs) = (rights + counts.Confirmed, wrongs + counts.Incorrect);
        }
        return [.. parts.Select(part => part.ToImmutable())];
    }

    /// <summary>How many of <paramref name="images"/> go to a part when <paramref name="before"/> were dealt out before them.</summary>
    private static long Dealt(long before, long images, int part)
    {
        static long Upto(long dealt, int part) => (dealt + Folds - 1 - part) / Folds;
        return Upto(before + images, part) - Upto(before, part);
    }
}

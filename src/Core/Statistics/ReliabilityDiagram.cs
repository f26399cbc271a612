using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>Reviewed images of like probability: what was predicted of them, and what reviews say.</summary>
/// <param name="From">Where the bin begins, from 0 to 1.</param>
/// <param name="To">Not included, but for the last bin.</param>
/// <param name="Predicted">The mean of the predicted probabilities.</param>
public readonly record struct DiagramBin(double From, double To, long Reviewed, long Confirmed, double Predicted)
{
    /// <summary>Confirmed of reviewed.</summary>
    public double Observed => (double)Confirmed / Reviewed;

    /// <summary>Of predicted and observed.</summary>
    public double Distance => Math.Abs(Predicted - Observed);
}

/// <summary>Predicted against observed shares, in bins.</summary>
public static class ReliabilityDiagram
{
    /// <summary>As many as Guo et al. (2017) have.</summary>
    public const int Bins = 15;

    /// <summary>Bins of equal width from 0 to 1, those without images left out.</summary>
    /// <param name="predictions">Ascending.</param>
    public static ImmutableArray<DiagramBin> OfEqualWidth(IReadOnlyList<Prediction> predictions) =>
        Group(predictions, prediction => Math.Min(Bins - 1, (int)(prediction.Probability * Bins)), (bin, _, _) => ((double)bin / Bins, (bin + 1.0) / Bins));

    /// <summary>Bins of about equally many images; those of one probability stay together, and bins may be fewer for it.</summary>
    /// <param name="predictions">Ascending.</param>
    public static ImmutableArray<DiagramBin> OfEqualSize(IReadOnlyList<Prediction> predictions)
    {
        var (all, before) = (predictions.Sum(prediction => prediction.Reviewed), 0L);
        return Group(predictions, prediction =>
        {
            // By where the middle of these images is among all.
            var bin = (int)((before + (prediction.Reviewed / 2.0)) * Bins / all);
            before += prediction.Reviewed;
            return Math.Min(Bins - 1, bin);
        }, (_, first, last) => (first, last));
    }

    private static ImmutableArray<DiagramBin> Group(
        IReadOnlyList<Prediction> predictions, Func<Prediction, int> binOf, Func<int, double, double, (double From, double To)> bounds)
    {
        var bins = ImmutableArray.CreateBuilder<DiagramBin>(Bins);
        var (current, first, last, reviewed, confirmed, sum) = (-1, 0.0, 0.0, 0L, 0L, 0.0);
        foreach (var prediction in predictions)
        {
            if (prediction.Reviewed == 0) continue;
            var bin = binOf(prediction);
            if (bin != current)
            {
                Close();
                (current, first, reviewed, confirmed, sum) = (bin, prediction.Probability, 0, 0, 0);
            }
            (last, reviewed, confirmed) = (prediction.Probability, reviewed + prediction.Reviewed, confirmed + prediction.Confirmed);
            sum += prediction.Probability * prediction.Reviewed;
        }
        Close();
        return bins.ToImmutable();

        void Close()
        {
            if (reviewed == 0) return;
            var (from, to) = bounds(current, first, last);
            bins.Add(new DiagramBin(from, to, reviewed, confirmed, sum / reviewed));
        }
    }
}

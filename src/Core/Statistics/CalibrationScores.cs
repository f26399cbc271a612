namespace BulkQA.Core;

/// <summary>How far predicted probabilities are from how often labels are right; 0 is best in all of them.</summary>
/// <param name="Ece">
/// Expected calibration error: the mean distance of predicted and observed share over 15 bins of equal width
/// from 0 to 1, weighted by images. M. P. Naeini, G. F. Cooper and M. Hauskrecht (AAAI 2015); C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger,
/// "On calibration of modern neural networks" (ICML 2017). With few images it comes out too large, and with wide bins too small.
/// </param>
/// <param name="Mce">The greatest of these distances; that of a bin with few images is mostly chance.</param>
/// <param name="AdaptiveEce">
/// The same mean over as many bins of about equally many images, which does not depend on where confidences crowd. J. Nixon, M. W. Dusenberry, L.
/// Zhang, G. Jerfel and D. Tran, "Measuring calibration in deep learning" (CVPR workshops 2019).
/// </param>
/// <param name="DebiasedRms">
/// Root of the mean squared distance over the same bins, less what chance alone adds to it, and 0 where that is more. A. Kumar, P. Liang and T. Ma,
/// "Verified uncertainty calibration" (NeurIPS 2019).
/// </param>
/// <param name="Brier">Mean squared error of the predictions. G. W. Brier, Monthly Weather Review 78 (1950). Being right more often lowers it, too.</param>
public sealed record CalibrationScores(double Ece, double Mce, double AdaptiveEce, double DebiasedRms, double Brier)
{
    /// <summary>Null where there is no reviewed image.</summary>
    /// <param name="predictions">Ascending.</param>
    public static CalibrationScores? Of(IReadOnlyList<Prediction> predictions)
    {
        var reviewed = predictions.Sum(prediction => prediction.Reviewed);
        if (reviewed == 0) return null;
        var (ece, mce, adaptive, square, brier) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var bin in ReliabilityDiagram.OfEqualWidth(predictions))
        {
            ece += bin.Reviewed * bin.Distance;
            mce = Math.Max(mce, bin.Distance);
        }
        foreach (var bin in ReliabilityDiagram.OfEqualSize(predictions))
        {
            adaptive += bin.Reviewed * bin.Distance;
            var observed = bin.Observed;
            square += bin.Reviewed * ((bin.Distance * bin.Distance) - (bin.Reviewed > 1 ? observed * (1 - observed) / (bin.Reviewed - 1) : 0));
        }
        foreach (var (probability, images, confirmed) in predictions)
            brier += (confirmed * (1 - probability) * (1 - probability)) + ((images - confirmed) * probability * probability);
        return new CalibrationScores(ece / reviewed, mce, adaptive / reviewed, Math.Sqrt(Math.Max(0, square / reviewed)), brier / reviewed);
    }
}

namespace BulkQA.Core;

/// <summary>
/// How well a worker tells right labels from wrong ones: two probabilities, each from 0 to 1. Dawid and Skene, "Maximum
/// Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28 (1979), for two answers.
/// </summary>
/// <param name="ConfirmsRight">Probability that the worker confirms a right label (sensitivity).</param>
/// <param name="CatchesWrong">Probability that the worker disconfirms a wrong label (specificity).</param>
public readonly record struct WorkerCoins(double ConfirmsRight, double CatchesWrong)
{
    /// <summary>
    /// What the votes are worth, from -1 to 1: 1 for a worker who is always right, 0 for one whose votes do not depend on the
    /// label, below 0 for one who votes the wrong way round. Youden, "Index for rating diagnostic tests", Cancer 3 (1950).
    /// </summary>
    public double Informedness => ConfirmsRight + CatchesWrong - 1;

    /// <summary>The same worker, were right labels called wrong and wrong ones right.</summary>
    internal WorkerCoins Swapped => new(1 - CatchesWrong, 1 - ConfirmsRight);
}

namespace BulkQA.Core;

/// <summary>What an estimation came to.</summary>
/// <param name="Parameters">The model.</param>
/// <param name="Counts">How the votes spread under it; with every worker's votes.</param>
/// <param name="Iterations">Rounds over all votes.</param>
/// <param name="Objective">What was climbed: the log-likelihood, and with smoothing the logarithm of the coins' prior added.</param>
/// <param name="Converged">Whether it stopped by itself, and not at the bound.</param>
/// <param name="LabelsSwitched">
/// Whether the workers vote, in the mean of their votes, the wrong way round even so. Then right and wrong can't be told apart
/// by these votes under these settings (a wrong fixed prior is the usual cause), and no verdict should come from the model.
/// </param>
public sealed record ReliabilityEstimate(
    ReliabilityParameters Parameters, ExpectedCounts Counts, int Iterations, double Objective, bool Converged, bool LabelsSwitched)
{
    /// <summary>The logarithm of the probability of all votes under the model (natural).</summary>
    public double LogLikelihood => Counts.LogLikelihood;
}

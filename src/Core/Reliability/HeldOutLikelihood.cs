namespace BulkQA.Core;

/// <summary>
/// Compares models by votes they were not fitted to. A model with more coins always explains the votes it was fitted to better; only
/// one that is nearer to the truth predicts others better.
/// </summary>
public static class HeldOutLikelihood
{
    /// <summary>Fits all models to the votes that are left (see <see cref="VoteBlock.WithoutHeldOut"/>), and scores them by the others.</summary>
    /// <param name="settings">Prior, smoothing and bounds; the method is not used.</param>
    /// <param name="workers">How many there are.</param>
    /// <param name="expect">As for <see cref="ReliabilityEstimator.RunAsync"/>, over the votes that are left.</param>
    /// <param name="score">The sums over the held-out votes (see <see cref="VoteBlock.Score"/>).</param>
    /// <returns>Null with too few held-out votes: see <see cref="HeldOutScores.MinVotes"/>.</returns>
    /// <exception cref="ArgumentException">As for <see cref="ReliabilityEstimator.RunAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, at the end of an iteration.</exception>
    public static async Task<HeldOutScores?> RunAsync(
        ReliabilitySettings settings, int workers, Func<ReliabilityParameters?, Task<ExpectedCounts>> expect,
        Func<HeldOutModels, Task<HeldOutSums>> score, CancellationToken cancellationToken)
    {
        var oneCoin = await FitAsync(ReliabilityMethod.OneCoin);
        var twoCoin = await FitAsync(ReliabilityMethod.TwoCoin);
        var shared = ReliabilityParameters.SharedCoin(await expect(null), settings.Smoothing);
        return HeldOutScores.Of(await score(new HeldOutModels(shared, oneCoin, twoCoin)));

        async Task<ReliabilityParameters> FitAsync(ReliabilityMethod method) =>
            (await ReliabilityEstimator.RunAsync(settings with { Method = method }, workers, null, expect, cancellationToken)).Parameters;
    }
}

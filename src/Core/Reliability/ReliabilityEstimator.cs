namespace BulkQA.Core;

/// <summary>
/// Estimates the reliability of workers from votes alone, by expectation maximisation (Dempster, Laird and Rubin 1977; Dawid and
/// Skene 1979). Where the votes lie is not its business: it asks for sums over them, once an iteration.
/// </summary>
public static class ReliabilityEstimator
{
    /// <summary>
    /// Runs until the objective rests or the bound is reached. The likelihood is as high with right and wrong in each other's
    /// place; where the workers come out worse than chance (see <see cref="ReliabilityEstimate.LabelsSwitched"/>), the model is
    /// turned round once and the climb goes on from there, within the same bound.
    /// </summary>
    /// <param name="settings">Without <see cref="ReliabilitySettings.Problems"/>.</param>
    /// <param name="workers">How many there are.</param>
    /// <param name="warmStart">An earlier model to begin with, of the same workers by index and perhaps fewer; null begins with the majority.</param>
    /// <param name="expect">The sums over all votes under parameters, or by majority for null.</param>
    /// <exception cref="ArgumentException">The settings have a problem, or sums came of another number of workers.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, at the end of an iteration.</exception>
    public static async Task<ReliabilityEstimate> RunAsync(
        ReliabilitySettings settings, int workers, ReliabilityParameters? warmStart,
        Func<ReliabilityParameters?, Task<ExpectedCounts>> expect, CancellationToken cancellationToken)
    {
        foreach (var (field, problem) in settings.Problems()) throw new ArgumentException($"{field}: {problem}", nameof(settings));
        var counts = await ExpectAsync(warmStart?.Select([.. Enumerable.Range(0, workers)]));
        var tolerance = settings.Tolerance * counts.Votes;
        var (before, swapped) = (double.NegativeInfinity, false);
        for (var iteration = 1; ; iteration++)
        {
            var parameters = ReliabilityParameters.From(counts, settings);
            counts = await ExpectAsync(parameters);
            var objective = counts.LogLikelihood + LogPrior(parameters, settings);
            var rests = objective - before <= tolerance;
            var worse = IsWorseThanChance(parameters, counts);
            if (iteration == settings.MaxIterations || (rests && (swapped || !worse)))
                return new ReliabilityEstimate(parameters, counts, iteration, objective, rests, worse);
            before = objective;
            if (!rests) continue;
            swapped = true;
            before = double.NegativeInfinity;
            counts = await ExpectAsync(parameters.Swapped());
        }

        async Task<ExpectedCounts> ExpectAsync(ReliabilityParameters? parameters)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sums = await expect(parameters);
            return sums.Workers == workers ? sums : throw new ArgumentException($"the sums are of {sums.Workers} workers, and there are {workers}", nameof(expect));
        }
    }

    /// <summary>The logarithm of the coins' prior, but for a constant.</summary>
    private static double LogPrior(ReliabilityParameters parameters, ReliabilitySettings settings)
    {
        var sum = 0.0;
        foreach (var coins in parameters.Coins)
        {
            sum += settings.Smoothing.LogPrior(coins.ConfirmsRight);
            if (settings.Method == ReliabilityMethod.TwoCoin) sum += settings.Smoothing.LogPrior(coins.CatchesWrong);
        }
        return sum;
    }

    private static bool IsWorseThanChance(ReliabilityParameters parameters, ExpectedCounts counts)
    {
        var (informedness, votes) = (0.0, 0L);
        for (var worker = 0; worker < counts.Workers; worker++)
        {
            informedness += parameters.Coins[worker].Informedness * counts[worker].Votes;
            votes += counts[worker].Votes;
        }
        // Workers who all give the same answer are at chance, whatever rounding and the edges of probabilities make of it.
        return informedness < -1e-6 * votes;
    }
}

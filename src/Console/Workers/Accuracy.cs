namespace BulkQA.Web.Workers;

/// <summary>How often a worker misses wrong labels and how often it unticks right ones, as probabilities in percent with their intervals.</summary>
/// <param name="Worker">Whose.</param>
/// <param name="Votes">Over how many votes.</param>
/// <param name="FalselyUnticked">Of right labels.</param>
/// <param name="MissedWrong">Of wrong ones.</param>
public sealed record Accuracy(WorkerModel Worker, long Votes, Estimate FalselyUnticked, Estimate MissedWrong)
{
    /// <summary>By gold, where the truth is known.</summary>
    public const string ByGold = "gold";

    /// <summary>By most of the others.</summary>
    public const string ByOthers = "others";

    /// <summary>By the reliability model that the job goes by, or else the latest.</summary>
    public const string ByModel = "model";

    /// <summary>By what the workers can be measured best: gold where somebody saw right and wrong ones, otherwise what most others said.</summary>
    public static string Best(IEnumerable<WorkerModel> workers) => workers.Any(worker => Of(worker, ByGold) is not null) ? ByGold : ByOthers;

    /// <returns>Null where there is nothing to tell one of the two by.</returns>
    public static Accuracy? Of(WorkerModel worker, string by) => by switch
    {
        ByGold => worker.Gold is { } gold ? Of(worker, gold.FalselyUnticked, gold.MissedWrong) : null,
        ByModel => worker.Reliability is { } coins ? new(worker, coins.Votes, Missing(coins.ConfirmsRight), Missing(coins.CatchesWrong)) : null,
        _ => Of(worker, worker.FalselyUnticked, worker.MissedWrong),
    };

    private static Accuracy? Of(WorkerModel worker, ShareModel unticked, ShareModel missed) =>
        unticked.Percent is { } x && missed.Percent is { } y ? new(worker, unticked.Of + missed.Of, new(x, unticked.Lower, unticked.Upper), new(y, missed.Lower, missed.Upper)) : null;

    /// <summary>What is not done as often as the coin falls.</summary>
    private static Estimate Missing(CoinModel coin) => new(100 * (1 - coin.Value), 100 * (1 - coin.Upper), 100 * (1 - coin.Lower));
}

/// <param name="Percent">From 0 to 100.</param>
/// <param name="Lower">The lower end of its interval at 95 %.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct Estimate(double Percent, double Lower, double Upper);

namespace BulkQA.Core;

/// <summary>Votes by what the boxes started with. Boxes that started with neither, or nobody knows how, are not compared.</summary>
/// <param name="Ticked">Votes that began from ticked boxes.</param>
/// <param name="Unticked">Votes that began from boxes that were not ticked.</param>
public readonly record struct StartComparison(StartTally Ticked, StartTally Unticked)
{
    /// <summary>The pull of the default on these votes, which are of one class; null where one of the states has no votes.</summary>
    public StartDifference? Difference => StartDifference.Within([this]);

    /// <summary>What a worker's votes say.</summary>
    public static StartComparison Of(WorkerTally tally) => new(tally.Ticked, tally.Unticked);

    public static StartComparison operator +(StartComparison left, StartComparison right) => new(left.Ticked + right.Ticked, left.Unticked + right.Unticked);

    public static StartComparison Add(StartComparison left, StartComparison right) => left + right;
}

/// <summary>The votes of several classes, and the pull of the default within these.</summary>
/// <param name="Votes">All votes that are compared, also of classes whose boxes all started alike.</param>
/// <param name="Difference">
/// Of the classes that have votes from both states; null where none has. Not the difference of the shares of <paramref name="Votes"/>: classes that are
/// mostly wrong may start unticked more often, and that is no pull.
/// </param>
public readonly record struct StartPull(StartComparison Votes, StartDifference? Difference)
{
    /// <summary>From the votes of each class.</summary>
    public static StartPull Of(IReadOnlyCollection<StartComparison> classes) =>
        new(classes.Aggregate(default(StartComparison), (sum, votes) => sum + votes), StartDifference.Within(classes));
}

/// <summary>How much greater the share of disconfirms is where boxes started ticked than where they did not; in percent points, from -100 to 100.</summary>
/// <param name="Value">Below 0 where boxes that start ticked hide what is wrong.</param>
/// <param name="Lower">Of the interval at 95 %.</param>
/// <param name="Upper">Of the interval at 95 %.</param>
public readonly record struct StartDifference(double Value, double Lower, double Upper)
{
    private const double Level = 0.95;
    private const double PercentPoints = 100;

    /// <summary>
    /// Within classes (<see cref="StratifiedDifference"/>); null where no class has votes from both states. Votes of one batch and one worker are taken for
    /// independent, which they are not quite: the interval is somewhat narrower than it should be.
    /// </summary>
    /// <param name="classes">The votes of each class.</param>
    public static StartDifference? Within(IEnumerable<StartComparison> classes) =>
        StratifiedDifference.Of(classes.Select(votes => (votes.Ticked.Disconfirms, votes.Ticked.Votes, votes.Unticked.Disconfirms, votes.Unticked.Votes)), Level) is var (value, interval)
            ? new StartDifference(value * PercentPoints, interval.Lower * PercentPoints, interval.Upper * PercentPoints) : null;
}

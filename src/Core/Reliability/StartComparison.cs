namespace BulkQA.Core;

/// <summary>Votes by what the boxes started with. Boxes that started with neither, or nobody knows how, are not compared.</summary>
/// <param name="Ticked">Votes that began from ticked boxes.</param>
/// <param name="Unticked">Votes that began from boxes that were not ticked.</param>
public readonly record struct StartComparison(StartTally Ticked, StartTally Unticked)
{
    private const double Level = 0.95;
    private const double PercentPoints = 100;

    /// <summary>
    /// The pull of the default; null where one of the states has no votes. Votes of one batch and one worker are taken for independent,
    /// which they are not quite: the interval is somewhat narrower than it should be.
    /// </summary>
    public StartDifference? Difference
    {
        get
        {
            if (Ticked.Votes == 0 || Unticked.Votes == 0) return null;
            var interval = DifferenceInterval.Newcombe(Ticked.Disconfirms, Ticked.Votes, Unticked.Disconfirms, Unticked.Votes, Level);
            var value = ((double)Ticked.Disconfirms / Ticked.Votes) - ((double)Unticked.Disconfirms / Unticked.Votes);
            return new StartDifference(value * PercentPoints, interval.Lower * PercentPoints, interval.Upper * PercentPoints);
        }
    }

    /// <summary>What a worker's votes say.</summary>
    public static StartComparison Of(WorkerTally tally) => new(tally.Ticked, tally.Unticked);

    public static StartComparison operator +(StartComparison left, StartComparison right) => new(left.Ticked + right.Ticked, left.Unticked + right.Unticked);

    public static StartComparison Add(StartComparison left, StartComparison right) => left + right;
}

/// <summary>How much greater the share of disconfirms is where boxes started ticked than where they did not; in percent points, from -100 to 100.</summary>
/// <param name="Value">Below 0 where boxes that start ticked hide what is wrong.</param>
/// <param name="Lower">Of the interval at 95 %.</param>
/// <param name="Upper">Of the interval at 95 %.</param>
public readonly record struct StartDifference(double Value, double Lower, double Upper);

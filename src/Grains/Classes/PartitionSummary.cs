using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What a partition's fold came to when its activation ended in good order: enough for whoever asks for no more.</summary>
/// <param name="RulesRevision">The revision of the rules that <paramref name="Tally"/> is by.</param>
/// <param name="Workers">Who answered, and how many tasks each answered whole.</param>
/// <param name="IsWanted">Whether a task wanted a worker.</param>
/// <param name="CountsUnseen">Whether <paramref name="Tally"/> has <see cref="ClassTally.Unseen"/>; releases before it was counted left none.</param>
/// <param name="CountsFinal">Whether <paramref name="Tally"/> knows of adjudications; releases before there were any read none.</param>
/// <param name="Histogram">The images by confidence, by votes; null of releases before it was counted.</param>
/// <param name="FinalHistogram">The same by what is final; null where no image has an adjudication.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.PartitionSummary")]
internal sealed record PartitionSummary(
    [property: Id(0)] ClassTally Tally, [property: Id(1)] int RulesRevision, [property: Id(2)] KnownWorkers Workers, [property: Id(3)] bool IsWanted,
    [property: Id(4)] bool CountsUnseen, [property: Id(5)] bool CountsFinal,
    [property: Id(6)] FineHistogram? Histogram, [property: Id(7)] FineHistogram? FinalHistogram)
{
    /// <summary>Days, and buckets of versions, that are kept; a partition's head has to fit a DynamoDB item.</summary>
    private const int MaxCounts = 3_000;

    /// <summary>The images by model version and day; null of releases before they were counted, and where there are more than is kept.</summary>
    [Id(12)]
    public ReviewBreakdown? Breakdown { get; init; }

    /// <summary>Workers whose ids are kept; a partition's head has to fit a DynamoDB item.</summary>
    private const int MaxWorkers = 1_000;

    public static PartitionSummary Of(PartitionView view, DateTimeOffset now) => new(
        view.Fold.Tally(), view.Job.RulesRevision, WorkersOf(view.Fold, MaxWorkers), view.IsWanted(now), CountsUnseen: true, CountsFinal: true,
        view.Fold.CountFine(isFinal: false), view.Fold.Tally().Adjudicated == 0 ? null : view.Fold.CountFine(isFinal: true))
    {
        Breakdown = view.Fold.BreakDown() is var counted && counted.Days.Length + counted.Versions.Sum(version => version.Buckets.Length) <= MaxCounts ? counted : null,
    };

    /// <summary>The images by confidence; null where they were not counted.</summary>
    public FineHistogram? HistogramOf(bool isFinal) => isFinal && CountsFinal ? FinalHistogram ?? Histogram : Histogram;

    public static KnownWorkers WorkersOf(PartitionFold fold, int most) => new(
        [.. fold.Workers.Take(most).Select(worker => KeyValuePair.Create(worker, fold.CountAnswered(worker)))], fold.Workers.Count <= most);
}

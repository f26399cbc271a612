using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

// How what is known of workers travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.WorkerTally")]
internal readonly struct WorkerTallySurrogate(WorkerTally value)
{
    /// <summary>Of the counts that are plain numbers, in the order of their members.</summary>
    [Id(0)]
    public readonly ImmutableArray<long> Counts =
    [
        value.Batches, value.Confirms, value.Disconfirms, value.CantTell, value.NotSeen, value.OthersConfirm, value.ConfirmsWithOthers, value.OthersDisconfirm,
        value.DisconfirmsWithOthers, value.Ticked.Votes, value.Ticked.Disconfirms, value.Unticked.Votes, value.Unticked.Disconfirms, value.TimedImages,
        value.FirstAt.UtcTicks, value.LastAt.UtcTicks,
    ];

    [Id(1)] public readonly ImmutableArray<int> BatchTimes = value.BatchTimes.Counts;
    [Id(2)] public readonly double TimedSeconds = value.TimedSeconds;

    /// <summary>Votes on gold, in the order of their members; default where there is none.</summary>
    [Id(3)]
    public readonly ImmutableArray<long> Gold =
        value.Gold == default ? default : [value.Gold.Right, value.Gold.FalselyUnticked, value.Gold.Wrong, value.Gold.MissedWrong];

    // 0 where a silo of the release before counted.
    [Id(4)] public readonly long Repeats = value.Repeats;
    [Id(5)] public readonly long Contradictions = value.Contradictions;
}

[RegisterConverter]
internal sealed class WorkerTallyConverter : IConverter<WorkerTally, WorkerTallySurrogate>
{
    public WorkerTally ConvertFromSurrogate(in WorkerTallySurrogate surrogate) => new()
    {
        Batches = surrogate.Counts[0],
        Confirms = surrogate.Counts[1],
        Disconfirms = surrogate.Counts[2],
        CantTell = surrogate.Counts[3],
        NotSeen = surrogate.Counts[4],
        OthersConfirm = surrogate.Counts[5],
        ConfirmsWithOthers = surrogate.Counts[6],
        OthersDisconfirm = surrogate.Counts[7],
        DisconfirmsWithOthers = surrogate.Counts[8],
        Ticked = new StartTally(surrogate.Counts[9], surrogate.Counts[10]),
        Unticked = new StartTally(surrogate.Counts[11], surrogate.Counts[12]),
        TimedImages = surrogate.Counts[13],
        FirstAt = new SubmissionTime(surrogate.Counts[14]),
        LastAt = new SubmissionTime(surrogate.Counts[15]),
        BatchTimes = DurationCounts.Of(surrogate.BatchTimes),
        TimedSeconds = surrogate.TimedSeconds,
        Gold = surrogate.Gold.IsDefault ? default : new GoldTally(surrogate.Gold[0], surrogate.Gold[1], surrogate.Gold[2], surrogate.Gold[3]),
        Repeats = surrogate.Repeats,
        Contradictions = surrogate.Contradictions,
    };

    public WorkerTallySurrogate ConvertToSurrogate(in WorkerTally value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.AgreementCounts")]
internal readonly struct AgreementCountsSurrogate(AgreementCounts value)
{
    [Id(0)] public readonly long Images = value.Images;
    [Id(1)] public readonly long Votes = value.Votes;
    [Id(2)] public readonly long Confirms = value.Confirms;
    [Id(3)] public readonly double Disagreement = value.Disagreement;
}

[RegisterConverter]
internal sealed class AgreementCountsConverter : IConverter<AgreementCounts, AgreementCountsSurrogate>
{
    public AgreementCounts ConvertFromSurrogate(in AgreementCountsSurrogate surrogate) =>
        new(surrogate.Images, surrogate.Votes, surrogate.Confirms, surrogate.Disagreement);

    public AgreementCountsSurrogate ConvertToSurrogate(in AgreementCounts value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ReliabilitySettings")]
internal readonly struct ReliabilitySettingsSurrogate(ReliabilitySettings value)
{
    [Id(0)] public readonly ReliabilityMethod Method = value.Method;
    [Id(1)] public readonly double? Prior = value.Prior;
    [Id(2)] public readonly double Hits = value.Smoothing.Hits;
    [Id(3)] public readonly double Misses = value.Smoothing.Misses;
    [Id(4)] public readonly int MaxIterations = value.MaxIterations;
    [Id(5)] public readonly double Tolerance = value.Tolerance;
}

[RegisterConverter]
internal sealed class ReliabilitySettingsConverter : IConverter<ReliabilitySettings, ReliabilitySettingsSurrogate>
{
    public ReliabilitySettings ConvertFromSurrogate(in ReliabilitySettingsSurrogate surrogate) => new()
    {
        Method = surrogate.Method,
        Prior = surrogate.Prior,
        Smoothing = new CoinSmoothing(surrogate.Hits, surrogate.Misses),
        MaxIterations = surrogate.MaxIterations,
        Tolerance = surrogate.Tolerance,
    };

    public ReliabilitySettingsSurrogate ConvertToSurrogate(in ReliabilitySettings value) => new(value);
}

/// <summary>Three scores over so many votes, whether sums or means.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.Scores")]
internal readonly struct ScoresSurrogate(long votes, double majority, double oneCoin, double twoCoin)
{
    [Id(0)] public readonly long Votes = votes;
    [Id(1)] public readonly double Majority = majority;
    [Id(2)] public readonly double OneCoin = oneCoin;
    [Id(3)] public readonly double TwoCoin = twoCoin;
}

[RegisterConverter]
internal sealed class HeldOutSumsConverter : IConverter<HeldOutSums, ScoresSurrogate>
{
    public HeldOutSums ConvertFromSurrogate(in ScoresSurrogate surrogate) => new(surrogate.Votes, surrogate.Majority, surrogate.OneCoin, surrogate.TwoCoin);

    public ScoresSurrogate ConvertToSurrogate(in HeldOutSums value) => new(value.Votes, value.Majority, value.OneCoin, value.TwoCoin);
}

[RegisterConverter]
internal sealed class HeldOutScoresConverter : IConverter<HeldOutScores, ScoresSurrogate>
{
    public HeldOutScores ConvertFromSurrogate(in ScoresSurrogate surrogate) => new(surrogate.Votes, surrogate.Majority, surrogate.OneCoin, surrogate.TwoCoin);

    public ScoresSurrogate ConvertToSurrogate(in HeldOutScores value) => new(value.Votes, value.Majority, value.OneCoin, value.TwoCoin);
}

[GenerateSerializer, Immutable, Alias("BulkQA.RankedImage")]
internal readonly struct RankedImageSurrogate(RankedImage value)
{
    [Id(0)] public readonly double Score = value.Score;
    [Id(1)] public readonly TaskNumber Task = value.Task;
    [Id(2)] public readonly int Index = value.Index;
}

[RegisterConverter]
internal sealed class RankedImageConverter : IConverter<RankedImage, RankedImageSurrogate>
{
    public RankedImage ConvertFromSurrogate(in RankedImageSurrogate surrogate) => new(surrogate.Score, surrogate.Task, surrogate.Index);

    public RankedImageSurrogate ConvertToSurrogate(in RankedImage value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ImageSelection")]
internal readonly struct ImageSelectionSurrogate(ImageSelection value)
{
    [Id(0)] public readonly ImageOrder Order = value.Order;
    [Id(1)] public readonly int Verdicts = value.Verdicts;
    [Id(2)] public readonly int? Bucket = value.Bucket;
    [Id(3)] public readonly bool Unseen = value.Unseen;
    [Id(4)] public readonly WorkerId? Worker = value.Worker;
    [Id(5)] public readonly double? PosteriorFrom = value.PosteriorFrom;
    [Id(6)] public readonly double? PosteriorTo = value.PosteriorTo;
    [Id(7)] public readonly RankedImage? After = value.After;
    [Id(8)] public readonly int Limit = value.Limit;
}

[RegisterConverter]
internal sealed class ImageSelectionConverter : IConverter<ImageSelection, ImageSelectionSurrogate>
{
    public ImageSelection ConvertFromSurrogate(in ImageSelectionSurrogate surrogate) => new(
        surrogate.Order, surrogate.Verdicts, surrogate.Bucket, surrogate.Unseen, surrogate.Worker, surrogate.PosteriorFrom, surrogate.PosteriorTo, surrogate.After, surrogate.Limit);

    public ImageSelectionSurrogate ConvertToSurrogate(in ImageSelection value) => new(value);
}

[RegisterConverter]
internal sealed class ReestimationConverter : IConverter<Reestimation, TextSurrogate>
{
    public Reestimation ConvertFromSurrogate(in TextSurrogate surrogate) =>
        Reestimation.TryParse(surrogate.Text, out var reestimation) ? reestimation : throw new BadInputException($"'{surrogate.Text}' does not say when to estimate anew");

    public TextSurrogate ConvertToSurrogate(in Reestimation value) => new(value.ToString());
}

namespace BulkQA.Core;

/// <summary>What one worker did, by the answers that stand: sums, so that those of parts add up to those of the whole.</summary>
public sealed record WorkerTally
{
    /// <summary>Tasks answered whole.</summary>
    public long Batches { get; init; }

    public long Confirms { get; init; }

    public long Disconfirms { get; init; }

    public long CantTell { get; init; }

    public long NotSeen { get; init; }

    /// <summary>Votes on images of which most others who voted confirm; only votes that count make others.</summary>
    public long OthersConfirm { get; init; }

    /// <summary>Those of them that confirm, too.</summary>
    public long ConfirmsWithOthers { get; init; }

    /// <summary>Votes on images of which most others who voted disconfirm.</summary>
    public long OthersDisconfirm { get; init; }

    /// <summary>Those of them that disconfirm, too.</summary>
    public long DisconfirmsWithOthers { get; init; }

    /// <summary>Votes where all boxes were ticked at first.</summary>
    public StartTally Ticked { get; init; }

    /// <summary>Votes where no box was ticked at first.</summary>
    public StartTally Unticked { get; init; }

    /// <summary>How long whole batches took, where somebody measured.</summary>
    public DurationCounts BatchTimes { get; init; }

    /// <summary>Images of the batches in <see cref="BatchTimes"/>.</summary>
    public long TimedImages { get; init; }

    /// <summary>Seconds of the batches in <see cref="BatchTimes"/> together.</summary>
    public double TimedSeconds { get; init; }

    /// <summary>The earliest answer that stands; <see cref="SubmissionTime.None"/> where none has a time.</summary>
    public SubmissionTime FirstAt { get; init; }

    /// <summary>The latest answer that stands.</summary>
    public SubmissionTime LastAt { get; init; }

    /// <summary>Votes on gold; in no other count.</summary>
    public GoldTally Gold { get; init; }

    /// <summary>Images whose vote came in place of an earlier vote of the same worker.</summary>
    public long Repeats { get; init; }

    /// <summary>Those of them on which the worker has said the opposite of what stands.</summary>
    public long Contradictions { get; init; }

    public long Votes => Confirms + Disconfirms;

    /// <summary>Images answered in any way.</summary>
    public long Images => Votes + CantTell + NotSeen;

    /// <summary>Votes on images of which others who voted have a majority.</summary>
    public long Compared => OthersConfirm + OthersDisconfirm;

    /// <summary>Those of them that are as that majority: agreement without oneself.</summary>
    public long Agreed => ConfirmsWithOthers + DisconfirmsWithOthers;

    public static WorkerTally operator +(WorkerTally left, WorkerTally right) => new()
    {
        Batches = left.Batches + right.Batches,
        Confirms = left.Confirms + right.Confirms,
        Disconfirms = left.Disconfirms + right.Disconfirms,
        CantTell = left.CantTell + right.CantTell,
        NotSeen = left.NotSeen + right.NotSeen,
        OthersConfirm = left.OthersConfirm + right.OthersConfirm,
        ConfirmsWithOthers = left.ConfirmsWithOthers + right.ConfirmsWithOthers,
        OthersDisconfirm = left.OthersDisconfirm + right.OthersDisconfirm,
        DisconfirmsWithOthers = left.DisconfirmsWithOthers + right.DisconfirmsWithOthers,
        Ticked = left.Ticked + right.Ticked,
        Unticked = left.Unticked + right.Unticked,
        BatchTimes = left.BatchTimes + right.BatchTimes,
        TimedImages = left.TimedImages + right.TimedImages,
        TimedSeconds = left.TimedSeconds + right.TimedSeconds,
        FirstAt = left.FirstAt == SubmissionTime.None || (right.FirstAt != SubmissionTime.None && right.FirstAt < left.FirstAt) ? right.FirstAt : left.FirstAt,
        LastAt = left.LastAt > right.LastAt ? left.LastAt : right.LastAt,
        Gold = left.Gold + right.Gold,
        Repeats = left.Repeats + right.Repeats,
        Contradictions = left.Contradictions + right.Contradictions,
    };

    public static WorkerTally Add(WorkerTally left, WorkerTally right) => left + right;
}

/// <summary>Votes that began from one state of the boxes.</summary>
public readonly record struct StartTally(long Votes, long Disconfirms)
{
    public static StartTally operator +(StartTally left, StartTally right) => new(left.Votes + right.Votes, left.Disconfirms + right.Disconfirms);

    public static StartTally Add(StartTally left, StartTally right) => left + right;
}

/// <summary>Votes on gold images. One that was seen in several tasks counts in each.</summary>
/// <param name="Right">On images whose label is right.</param>
/// <param name="FalselyUnticked">Those of them that disconfirm.</param>
/// <param name="Wrong">On images whose label is wrong.</param>
/// <param name="MissedWrong">Those of them that confirm.</param>
public readonly record struct GoldTally(long Right, long FalselyUnticked, long Wrong, long MissedWrong)
{
    public long Votes => Right + Wrong;

    public static GoldTally operator +(GoldTally left, GoldTally right) => new(
        left.Right + right.Right, left.FalselyUnticked + right.FalselyUnticked, left.Wrong + right.Wrong, left.MissedWrong + right.MissedWrong);

    public static GoldTally Add(GoldTally left, GoldTally right) => left + right;
}

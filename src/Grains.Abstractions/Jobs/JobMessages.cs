using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

[GenerateSerializer, Alias("BulkQA.JobState")]
public enum JobState
{
    /// <summary>Takes corpora and votes, hands out tasks.</summary>
    Open,

    /// <summary>Read only.</summary>
    Closed,
}

/// <summary>A job as it is.</summary>
/// <param name="RulesRevision">One more with every change of what verdicts are decided by, the policy, whose votes are set aside, or the model, and of which images are reviewed.</param>
/// <param name="Labeling">Ground Truth's labeling job, as last heard of; null where there is none.</param>
/// <param name="Unshown">The last batch none of whose pictures could be shown; null where there is none, or somebody has been shown pictures of it since.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobInfo")]
public sealed record JobInfo(
    [property: Id(0)] JobName Name,
    [property: Id(1)] Incarnation Incarnation,
    [property: Id(2)] JobSettings Settings,
    [property: Id(3)] int RulesRevision,
    [property: Id(4)] JobState State,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] LabelingJob? Labeling = null,
    [property: Id(7)] UnshownBatch? Unshown = null)
{
    /// <summary>Workers whose votes do not count, ordered by id; at most <see cref="JobLimits.MaxSetAside"/>.</summary>
    [Id(8)]
    public ImmutableArray<SetAsideWorker> SetAside { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>The adopted reliability model; null where there is none.</summary>
    [Id(9)]
    public AdoptedModel? Model { get; init; }

    /// <summary>The target as it was last changed; null where there never was one.</summary>
    [Id(11)]
    public TargetSetting? Target { get; init; }

    /// <summary>Whether different parts of its buckets may be reviewed, so that numbers that pool buckets are about nothing: it is sampled, or has had a target for each bucket.</summary>
    public bool HasUnevenBuckets => Settings.Sample is not null || Target is { HadBuckets: true } or { Target.Per: TargetScope.ClassAndBucket };

    /// <summary>Whether it is decided by itself now which classes keep a target.</summary>
    public bool Decides => State == JobState.Open && Target?.Target is not null;

    /// <summary>Whether its classes are watched now.</summary>
    public bool Watches => State == JobState.Open && Settings.Alarm is not null;

    /// <summary>What operators decided about qualifications, ordered by worker; at most <see cref="JobLimits.MaxRulings"/>.</summary>
    [Id(10)]
    public ImmutableArray<QualificationRuling> Rulings { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>What an operator decided last about a worker's qualification; null for nothing.</summary>
    public QualificationRuling? RulingOn(WorkerId worker) => Rulings.FirstOrDefault(ruling => ruling.Worker == worker);

    /// <summary>Whether it estimates the reliability of its workers anew by itself now.</summary>
    public bool Reestimates => State == JobState.Open && Settings is { Reestimate: not null, Policy.Level: not null };
}

/// <summary>A reliability model that a job's posteriors are by.</summary>
/// <param name="Name">Of its object: <see cref="ModelResult.Name"/>.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AdoptedModel")]
public sealed record AdoptedModel([property: Id(0)] int Number, [property: Id(1)] string Name);

/// <summary>What to change of a job; null leaves each as it is.</summary>
/// <param name="Model">The number of a model to adopt; 0 for none any more.</param>
/// <param name="Reestimate">When to estimate anew.</param>
/// <param name="StopsReestimating">Whether not to estimate anew any more.</param>
/// <param name="Sample">How many images of each class and bucket to review, of a job that is sampled.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobChanges")]
public sealed record JobChanges(
    [property: Id(0)] VerdictPolicy? Policy = null, [property: Id(1)] JobState? State = null, [property: Id(2)] int? Model = null,
    [property: Id(3)] Reestimation? Reestimate = null, [property: Id(4)] bool StopsReestimating = false, [property: Id(8)] SampleDesign? Sample = null)
{
    /// <summary>How certain intervals are, and what about; null leaves both as they are.</summary>
    [Id(9)]
    public CertaintyChange? Certainty { get; init; }

    /// <summary>
    /// Whoever asks for a change that others may follow gives it an id of its own: carried out once, a repetition that comes late does not undo
    /// what came after it. Null where that does not matter.
    /// </summary>
    [Id(10)]
    public Guid? Change { get; init; }

    /// <summary>What classes are watched for; null leaves it as it is.</summary>
    [Id(16)]
    public AlarmChange? Alarm { get; init; }

    /// <summary>Whom the job is for; null leaves it as it is.</summary>
    [Id(17)]
    public JobAssignment? Assignment { get; init; }

    /// <summary>What the worker page shows and asks for; null leaves it as it is.</summary>
    [Id(20)]
    public JobWork? Work { get; init; }
}

/// <summary>What classes are watched for from now on.</summary>
/// <param name="Alarm">Null for nothing any more.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AlarmChange")]
public sealed record AlarmChange([property: Id(0)] JobAlarm? Alarm)
{
    /// <summary>Whether the days are those of the alarm before, where there is one.</summary>
    [Id(1)]
    public bool KeepsFalseAlarmDays { get; init; }

    /// <summary>Whether the webhook is that of the alarm before, where there is one.</summary>
    [Id(2)]
    public bool KeepsWebhook { get; init; }

    /// <summary>The alarm that comes of it.</summary>
    public JobAlarm? Of(JobAlarm? before) => Alarm is null || before is null ? Alarm : Alarm with
    {
        FalseAlarmDays = KeepsFalseAlarmDays ? before.FalseAlarmDays : Alarm.FalseAlarmDays,
        Webhook = KeepsWebhook ? before.Webhook : Alarm.Webhook,
    };
}

/// <summary>How certain intervals are from now on where nobody asks otherwise.</summary>
/// <param name="Level">Null where <paramref name="SetsLevel"/> for none unless asked for.</param>
/// <param name="SetsLevel">Whether the level changes.</param>
/// <param name="Scope">Null leaves it as it is.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.CertaintyChange")]
public sealed record CertaintyChange([property: Id(0)] double? Level, [property: Id(1)] bool SetsLevel, [property: Id(2)] Scope? Scope);

/// <summary>A worker whose votes in a job are kept and do not count.</summary>
/// <param name="Reason">Why; at most <see cref="MaxReasonBytes"/>.</param>
/// <param name="By">Who decided it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.SetAsideWorker")]
public sealed record SetAsideWorker(
    [property: Id(0)] WorkerId Worker, [property: Id(1)] string Reason, [property: Id(2)] string By, [property: Id(3)] DateTimeOffset At)
{
    public const int MaxReasonBytes = 300;
}

/// <summary>What an operator says of a worker's qualification.</summary>
[GenerateSerializer, Alias("BulkQA.QualificationDecision")]
public enum QualificationDecision : byte
{
    /// <summary>The worker has passed, whatever it answered.</summary>
    Granted = 1,

    /// <summary>The worker gets no tasks of the job, whatever it answered.</summary>
    Refused = 2,

    /// <summary>The worker qualifies anew: what it answered before does not count.</summary>
    Again = 3,

    /// <summary>Nothing is decided by an operator any more: what the worker has answered counts, all of it.</summary>
    AsAnswered = 4,
}

/// <summary>An operator's word about a worker's qualification, until another comes.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.QualificationRuling")]
public sealed record QualificationRuling([property: Id(0)] WorkerId Worker, [property: Id(1)] QualificationDecision Decision, [property: Id(2)] DateTimeOffset At)
{
    /// <summary>Only answers of later than this count.</summary>
    public SubmissionTime Since => Decision == QualificationDecision.Again ? SubmissionTime.From(At) : SubmissionTime.None;
}

/// <summary>
/// What was decided about a worker of a job: that its votes are set aside, or count again; or what <see cref="Qualification"/> says, and nothing of
/// its votes.
/// </summary>
/// <param name="Number">From 1, in the order of the job's decisions.</param>
/// <param name="IsSetAside">Whether they do not count from then on.</param>
/// <param name="Reason">Why; null for nothing said.</param>
/// <param name="By">Who decided it.</param>
/// <param name="At">When, stamped by whoever first heard of it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkerDecision")]
public sealed record WorkerDecision(
    [property: Id(0)] int Number, [property: Id(1)] WorkerId Worker, [property: Id(2)] bool IsSetAside, [property: Id(3)] string? Reason, [property: Id(4)] string By,
    [property: Id(5)] DateTimeOffset At)
{
    /// <summary>About the worker's qualification; null where it is about its votes.</summary>
    [Id(6)]
    public QualificationDecision? Qualification { get; init; }
}

/// <summary>How a decision about a worker ended.</summary>
/// <param name="Last">The number of the last decision about the worker; 0 for none.</param>
/// <param name="IsRefused">
/// Nothing is changed: the last decision is not the one that the caller named, or, where it named none, is of a later time than the caller's.
/// </param>
[GenerateSerializer, Immutable, Alias("BulkQA.DecidedWorker")]
public sealed record DecidedWorker([property: Id(0)] JobInfo Job, [property: Id(1)] int Last, [property: Id(2)] bool IsRefused);

/// <summary>A batch none of whose pictures could be shown to a worker, by the worker's page.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.UnshownBatch")]
public sealed record UnshownBatch([property: Id(0)] TaskNumber Task, [property: Id(1)] WorkerId Worker, [property: Id(2)] DateTimeOffset At);

/// <summary>Ground Truth's labeling job of a job, as it was at <paramref name="At"/>.</summary>
/// <param name="Status">In Ground Truth's words: <c>Initializing</c>, <c>InProgress</c>, <c>Completed</c>, <c>Failed</c>, <c>Stopping</c>, <c>Stopped</c>.</param>
/// <param name="Labeled">Tasks that workers have answered.</param>
/// <param name="Unlabeled">Tasks that are still to be answered.</param>
/// <param name="Failed">Tasks that Ground Truth gave up.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LabelingJob")]
public sealed record LabelingJob(
    [property: Id(0)] string Name, [property: Id(1)] string Arn, [property: Id(2)] string Status, [property: Id(3)] int Labeled,
    [property: Id(4)] int Unlabeled, [property: Id(5)] int Failed, [property: Id(6)] string? FailureReason, [property: Id(7)] DateTimeOffset At)
{
    public bool HasEnded => Status is "Completed" or "Failed" or "Stopped";
}

/// <summary>How a creation ended.</summary>
/// <param name="Job">The job that exists now.</param>
/// <param name="Created">False where it was there before.</param>
/// <param name="Differences">The given settings it has otherwise; empty where all agree.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobCreation")]
public sealed record JobCreation(
    [property: Id(0)] JobInfo Job, [property: Id(1)] bool Created, [property: Id(2)] ImmutableArray<string> Differences);

/// <summary>A job with the counters of its classes.</summary>
public sealed record JobTallies(JobInfo Job, ImmutableArray<KeyValuePair<Label, ClassTally>> Classes);

/// <summary>What a deleted life of a job leaves until everything of it is gone, and for as long as a message may name it.</summary>
/// <param name="SweptAt">When the first sweep ended; null before.</param>
/// <param name="Done">Whether the second has.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Tombstone")]
public sealed record Tombstone(
    [property: Id(0)] Incarnation Incarnation, [property: Id(1)] DateTimeOffset DeletedAt, [property: Id(2)] DateTimeOffset? SweptAt,
    [property: Id(3)] bool Done);

using BulkQA.Core;

namespace BulkQA.Grains;

public static class AlarmLimits
{
    /// <summary>Alarms of a job that stand at most. Further classes wait until there is room.</summary>
    public const int MaxStanding = 400;

    /// <summary>Alarms of a job that have ended and are still told of; more only as long as the webhook is to be told of them.</summary>
    public const int MaxEnded = 100;

    /// <summary>Alarms of a job that are kept at most: so many fit an item of DynamoDB.</summary>
    public const int MaxKept = MaxStanding + MaxEnded;

    /// <summary>Of the words why a webhook was given up.</summary>
    public const int MaxProblemLength = 100;
}

/// <summary>How an alarm ended.</summary>
[GenerateSerializer, Alias("BulkQA.AlarmEnding")]
public enum AlarmEnding : byte
{
    /// <summary>It stands.</summary>
    None,

    /// <summary>Reviews no longer show a decline.</summary>
    Recovered,

    /// <summary>The job's alarm was changed, or taken away.</summary>
    Withdrawn,
}

/// <summary>What became of telling the webhook.</summary>
[GenerateSerializer, Alias("BulkQA.AlarmDelivery")]
public enum AlarmDelivery : byte
{
    /// <summary>There was no webhook then.</summary>
    NotWanted,

    /// <summary>Not yet delivered; tried again.</summary>
    Pending,

    /// <summary>Answered with success, at least once.</summary>
    Delivered,

    /// <summary>Failed for too long.</summary>
    GivenUp,
}

/// <summary>Telling the webhook of a beginning or an end.</summary>
/// <param name="Problem">Why it was given up; at most <see cref="AlarmLimits.MaxProblemLength"/> characters.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AlarmTelling")]
public sealed record AlarmTelling([property: Id(0)] AlarmDelivery State, [property: Id(1)] string? Problem = null);

/// <summary>That a class fell below the job's alarm.</summary>
/// <param name="Number">From 1, in the order in which the job's were raised.</param>
/// <param name="MinCorrectPercent">What it was to keep.</param>
/// <param name="RaisedOn">The day whose reviews showed it first, as the numbers were when it was raised; it may be long before <paramref name="RaisedAt"/>.</param>
/// <param name="Since">The day from which on reviews spoke for it then.</param>
/// <param name="Counts">Of <paramref name="RaisedOn"/>, then.</param>
/// <param name="RaisedBy">The last day with reviews then.</param>
/// <param name="RaisedAt">When somebody looked and found it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassAlarm")]
public sealed record ClassAlarm(
    [property: Id(0)] int Number, [property: Id(1)] Label Label, [property: Id(2)] double MinCorrectPercent, [property: Id(3)] DateOnly RaisedOn, [property: Id(4)] DateOnly Since,
    [property: Id(5)] BucketTally Counts, [property: Id(6)] DateOnly RaisedBy, [property: Id(7)] DateTimeOffset RaisedAt, [property: Id(8)] AlarmTelling Raised)
{
    [Id(9)]
    public AlarmEnding Ending { get; init; }

    /// <summary>When somebody looked and found it gone; null while it stands.</summary>
    [Id(10)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The last day with reviews then.</summary>
    [Id(11)]
    public DateOnly? EndedOn { get; init; }

    /// <summary>Of <see cref="EndedOn"/>, then.</summary>
    [Id(12)]
    public BucketTally EndCounts { get; init; }

    /// <summary>Telling its end.</summary>
    [Id(13)]
    public AlarmTelling Ended { get; init; } = new(AlarmDelivery.NotWanted);

    public bool Stands => Ending == AlarmEnding.None;

    /// <summary>Whether the webhook is still to be told anything of it.</summary>
    public bool IsUntold => Raised.State == AlarmDelivery.Pending || Ended.State == AlarmDelivery.Pending;
}

/// <summary>A beginning or an end of an alarm.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.AlarmEvent")]
public sealed record AlarmEvent([property: Id(0)] ClassAlarm Alarm, [property: Id(1)] bool IsEnd)
{
    /// <summary>Since when it is to be told.</summary>
    public DateTimeOffset At => IsEnd ? Alarm.EndedAt!.Value : Alarm.RaisedAt;

    /// <summary>The same for whoever is told twice, and for nothing else.</summary>
    public string IdIn(Incarnation incarnation) => FormattableString.Invariant($"{incarnation}/{Alarm.Number}/{(IsEnd ? "ended" : "raised")}");
}

/// <summary>How a job stands to its alarm.</summary>
/// <param name="Standing">Alarms that stand.</param>
/// <param name="Untold">Beginnings and ends that the webhook is still to be told.</param>
/// <param name="Waiting">Classes that fell below it and raise no alarm, because <see cref="AlarmLimits.MaxStanding"/> stand.</param>
/// <param name="IsQuiet">Whether nothing has changed since the look before.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AlarmProgress")]
public sealed record AlarmProgress([property: Id(0)] int Standing, [property: Id(1)] int Untold, [property: Id(2)] int Waiting, [property: Id(3)] bool IsQuiet);

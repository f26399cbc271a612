using System.Collections.Immutable;

namespace BulkQA.Grains;

/// <summary>What a job's alarms store.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.AlarmRecord")]
public sealed record AlarmRecord
{
    /// <summary>What those that stand were raised under, without its webhook; null for nothing.</summary>
    [Id(0)]
    public string? Watched { get; init; }

    /// <summary>The number of the last that was raised.</summary>
    [Id(1)]
    public int Last { get; init; }

    /// <summary>Those that stand, in the order in which they were raised; at most <see cref="AlarmLimits.MaxStanding"/>.</summary>
    [Id(2)]
    public ImmutableArray<ClassAlarm> Standing { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Those that have ended, in that order; at most <see cref="AlarmLimits.MaxEnded"/>.</summary>
    [Id(3)]
    public ImmutableArray<ClassAlarm> Ended { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    public IEnumerable<ClassAlarm> All => Standing.Concat(Ended).OrderBy(alarm => alarm.Number);

    public int Untold => All.Sum(alarm => (alarm.Raised.State == AlarmDelivery.Pending ? 1 : 0) + (alarm.Ended.State == AlarmDelivery.Pending ? 1 : 0));

    /// <summary>With one that stood as one that has ended. The oldest of those make way.</summary>
    public AlarmRecord End(ClassAlarm ended) => this with
    {
        Standing = Standing.RemoveAll(alarm => alarm.Number == ended.Number),
        Ended = [.. Ended.Append(ended).TakeLast(AlarmLimits.MaxEnded)],
    };

    /// <summary>With what became of telling the webhook of one; unchanged where nothing is to be told of it any more.</summary>
    public AlarmRecord Tell(int number, bool isEnd, AlarmTelling telling)
    {
        ImmutableArray<ClassAlarm> In(ImmutableArray<ClassAlarm> alarms) => [.. alarms.Select(alarm => alarm.Number != number ? alarm
            : isEnd ? (alarm.Ended.State == AlarmDelivery.Pending ? alarm with { Ended = telling } : alarm)
            : alarm.Raised.State == AlarmDelivery.Pending ? alarm with { Raised = telling } : alarm)];
        return this with { Standing = In(Standing), Ended = In(Ended) };
    }

    /// <summary>With nothing to be told any more.</summary>
    public AlarmRecord Untell() => All.Where(alarm => alarm.IsUntold).Aggregate(this, (record, alarm) =>
        record.Tell(alarm.Number, isEnd: false, new(AlarmDelivery.NotWanted)).Tell(alarm.Number, isEnd: true, new(AlarmDelivery.NotWanted)));
}

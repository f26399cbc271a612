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

    /// <summary>Those that have ended, in that order; at most <see cref="AlarmLimits.MaxEnded"/>, and those of which the webhook is still to be told.</summary>
    [Id(3)]
    public ImmutableArray<ClassAlarm> Ended { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    public IEnumerable<ClassAlarm> All => Standing.Concat(Ended).OrderBy(alarm => alarm.Number);

    public int Untold => All.Sum(alarm => (alarm.Raised.State == AlarmDelivery.Pending ? 1 : 0) + (alarm.Ended.State == AlarmDelivery.Pending ? 1 : 0));

    /// <summary>How many more can be raised; what has ended and is still to be told takes room of those that stand.</summary>
    public int Room => Math.Max(0, Math.Min(AlarmLimits.MaxStanding, AlarmLimits.MaxKept - Math.Max(AlarmLimits.MaxEnded, Ended.Count(alarm => alarm.IsUntold))) - Standing.Length);

    /// <summary>With one that stood as one that has ended. Of those the oldest make way of which nothing is to be told any more.</summary>
    public AlarmRecord End(ClassAlarm ended) => (this with { Standing = Standing.RemoveAll(alarm => alarm.Number == ended.Number), Ended = Ended.Add(ended) }).Pruned();

    /// <summary>With what became of telling the webhook of one; unchanged where nothing is to be told of it any more.</summary>
    public AlarmRecord Tell(int number, bool isEnd, AlarmTelling telling)
    {
        ImmutableArray<ClassAlarm> In(ImmutableArray<ClassAlarm> alarms) => [.. alarms.Select(alarm => alarm.Number != number ? alarm
            : isEnd ? (alarm.Ended.State == AlarmDelivery.Pending ? alarm with { Ended = telling } : alarm)
            : alarm.Raised.State == AlarmDelivery.Pending ? alarm with { Raised = telling } : alarm)];
        return (this with { Standing = In(Standing), Ended = In(Ended) }).Pruned();
    }

    private AlarmRecord Pruned()
    {
        var over = Ended.Length - AlarmLimits.MaxEnded;
        if (over <= 0) return this;
        var gone = Ended.Where(alarm => !alarm.IsUntold).Take(over).Select(alarm => alarm.Number).ToHashSet();
        return gone.Count == 0 ? this : this with { Ended = Ended.RemoveAll(alarm => gone.Contains(alarm.Number)) };
    }

    /// <summary>With nothing to be told any more.</summary>
    public AlarmRecord Untell() => All.Where(alarm => alarm.IsUntold).Aggregate(this, (record, alarm) =>
        record.Tell(alarm.Number, isEnd: false, new(AlarmDelivery.NotWanted)).Tell(alarm.Number, isEnd: true, new(AlarmDelivery.NotWanted)));
}

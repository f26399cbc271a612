namespace BulkQA.Core;

/// <summary>What the days of a class say of its alarm.</summary>
/// <param name="Decline">That it has fallen; null where it has not, or has recovered.</param>
/// <param name="LastDay">The last day with reviews; the first of all days for none.</param>
/// <param name="Counts">Of the day that showed the decline; of the last day where there is none.</param>
public readonly record struct AlarmFinding(Decline? Decline, DateOnly LastDay, BucketTally Counts)
{
    /// <param name="days">The class's reviewed images by day, ascending, each day once.</param>
    /// <param name="alarm">What it is to keep.</param>
    public static AlarmFinding Of(IReadOnlyList<KeyValuePair<DateOnly, BucketTally>> days, JobAlarm alarm)
    {
        if (days.Count == 0) return default;
        var decline = DeclineDetector.Find(days, alarm.MinCorrectPercent, alarm.FalseAlarmDays);
        return new AlarmFinding(decline, days[^1].Key, decline is null ? days[^1].Value : days.First(day => day.Key == decline.RaisedOn).Value);
    }

    /// <summary>
    /// Whether an alarm that was raised ends: there is no decline any more, by reviews of a later day or on a later day than it was raised. As a day's
    /// numbers grow, evidence comes and goes; an alarm that went and came with it would be told many times.
    /// </summary>
    /// <param name="raisedBy">The last day with reviews when it was raised.</param>
    /// <param name="raisedAt">When that was, UTC.</param>
    /// <param name="today">UTC.</param>
    public bool Ends(DateOnly raisedBy, DateOnly raisedAt, DateOnly today) => Decline is null && (LastDay > raisedBy || today > raisedAt);
}

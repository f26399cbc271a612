namespace BulkQA.Core;

/// <summary>
/// When a worker submitted an answer, in UTC ticks. It orders a worker's answers to the same image, so it is stamped
/// once, by whoever first receives the answer; an answer that came without a time has <see cref="None"/>, never "now".
/// </summary>
public readonly record struct SubmissionTime(long UtcTicks) : IComparable<SubmissionTime>
{
    /// <summary>How far a clock may run ahead of ours before its answers are rejected.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>No time was given: earlier than every time that was.</summary>
    public static readonly SubmissionTime None;

    public static SubmissionTime From(DateTimeOffset time) => new(time.UtcTicks);

    /// <summary>Null for <see cref="None"/>.</summary>
    public DateTimeOffset? ToDateTimeOffset() => UtcTicks == 0 ? null : new DateTimeOffset(UtcTicks, TimeSpan.Zero);

    /// <summary>Whether this lies further ahead of <paramref name="now"/> than <see cref="Tolerance"/>.</summary>
    public bool IsTooFarAhead(DateTimeOffset now) => UtcTicks > (now + Tolerance).UtcTicks;

    public int CompareTo(SubmissionTime other) => UtcTicks.CompareTo(other.UtcTicks);

    public static bool operator <(SubmissionTime left, SubmissionTime right) => left.UtcTicks < right.UtcTicks;

    public static bool operator >(SubmissionTime left, SubmissionTime right) => left.UtcTicks > right.UtcTicks;

    public static bool operator <=(SubmissionTime left, SubmissionTime right) => left.UtcTicks <= right.UtcTicks;

    public static bool operator >=(SubmissionTime left, SubmissionTime right) => left.UtcTicks >= right.UtcTicks;
}

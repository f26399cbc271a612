using System.Globalization;

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

    /// <summary>
    /// The time of an answer given <paramref name="after"/> its task was served at <paramref name="servedAt"/>, both by our
    /// clock and by how long passed at the worker's. Never later than <paramref name="now"/>.
    /// </summary>
    public static SubmissionTime After(DateTimeOffset servedAt, TimeSpan after, DateTimeOffset now) =>
        now - servedAt < after ? From(now) : From(servedAt + after);

    /// <summary>Null for <see cref="None"/>.</summary>
    public DateTimeOffset? ToDateTimeOffset() => UtcTicks == 0 ? null : new DateTimeOffset(UtcTicks, TimeSpan.Zero);

    /// <summary>Whether this lies further ahead of <paramref name="now"/> than <see cref="Tolerance"/>.</summary>
    public bool IsTooFarAhead(DateTimeOffset now) => UtcTicks > (now + Tolerance).UtcTicks;

    /// <summary>What is wrong with a time that <see cref="IsTooFarAhead"/>, with the difference; null for any other.</summary>
    public string? AheadProblem(DateTimeOffset now) => IsTooFarAhead(now)
        ? string.Create(CultureInfo.InvariantCulture,
            $"lies {Words(TimeSpan.FromTicks(UtcTicks - now.UtcTicks))} ahead of the server's clock, which is {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; {Words(Tolerance)} is the most")
        : null;

    public int CompareTo(SubmissionTime other) => UtcTicks.CompareTo(other.UtcTicks);

    public static bool operator <(SubmissionTime left, SubmissionTime right) => left.UtcTicks < right.UtcTicks;

    public static bool operator >(SubmissionTime left, SubmissionTime right) => left.UtcTicks > right.UtcTicks;

    public static bool operator <=(SubmissionTime left, SubmissionTime right) => left.UtcTicks <= right.UtcTicks;

    public static bool operator >=(SubmissionTime left, SubmissionTime right) => left.UtcTicks >= right.UtcTicks;

    private static string Words(TimeSpan time) => string.Join(' ', ((string[])[Part(time.Days, "d"), Part(time.Hours, "h"), Part(time.Minutes, "min"), Part(time.Seconds, "s")]).Where(part => part.Length > 0));

    private static string Part(int number, string unit) => number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{number} {unit}");
}

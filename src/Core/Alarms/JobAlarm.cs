using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// What a job's classes are watched for, while it is open: a class that no longer keeps the percentage raises an alarm (<see cref="DeclineDetector"/>).
/// Written <c>95 365</c>, or <c>95 365 https://hooks.example.org/bulkqa</c>.
/// </summary>
/// <param name="MinCorrectPercent">What each class is to keep; above 0 and below 100.</param>
/// <param name="FalseAlarmDays">
/// Days with reviews that go by in the mean, at least, until a class that keeps it gives an alarm; from 2 to <see cref="DeclineDetector.MostRunLength"/>.
/// </param>
/// <param name="Webhook">Where alarms and their ends are posted to; null for nowhere.</param>
public sealed record JobAlarm(double MinCorrectPercent, double FalseAlarmDays = JobAlarm.DefaultFalseAlarmDays, Webhook? Webhook = null)
{
    public const double DefaultFalseAlarmDays = 365;

    /// <summary>What is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (!(MinCorrectPercent is > 0 and < 100)) yield return ("alarm.minCorrectPercent", $"{MinCorrectPercent} is not above 0 and below 100, such as 95");
        if (FalseAlarmDays is not (>= 2 and <= DeclineDetector.MostRunLength)) yield return ("alarm.falseAlarmDays", $"{FalseAlarmDays} is not a number from 2 to {DeclineDetector.MostRunLength:R}");
    }

    /// <summary>Why a job of these settings can't have an alarm; null where it can.</summary>
    /// <param name="settings">The job's.</param>
    /// <param name="hadBucketTarget">Whether it has, or had, a target for each bucket.</param>
    public static string? RefusalOf(JobSettings settings, bool hadBucketTarget = false) =>
        settings.Sample is not null ? "the job is sampled: of its buckets different parts are reviewed, so that the percentage of a day is of a mixture that changes with what is handed out"
        : settings.MaxWorkersPerTask is not null
            ? "the job asks further workers about images that are in doubt (maxWorkersPerTask): their answers move those images to later days, which have more of them than of others, and how often a false alarm comes is bounded no more"
        : settings.Order.ByValue ? "the job hands out first what is most likely wrong (order byValue): its first days are worse than those after, and how often a false alarm comes is bounded no more. Create a job with another order"
        : hadBucketTarget ? "the job has, or had, a target for each class and bucket: once a bucket is decided, what is reviewed is more of the others, and the percentage of a day is of a mixture that changes"
        : null;

    /// <summary>Whether an alarm that is raised under this one is the same under the other, wherever it is told.</summary>
    public bool IsSameBut(JobAlarm? other) => other is not null && this with { Webhook = null } == other with { Webhook = null };

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JobAlarm? alarm)
    {
        alarm = null;
        if (text?.Split(' ') is not [var least, var days, .. { Length: <= 1 } rest]
            || !double.TryParse(least, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) || !double.TryParse(days, NumberStyles.Float, CultureInfo.InvariantCulture, out var runs)) return false;
        Webhook? webhook = null;
        if (rest is [var url] && !Core.Webhook.TryCreate(url, out webhook, out _)) return false;
        alarm = new JobAlarm(percent, runs, webhook);
        return true;
    }

    /// <summary>As people may see it: of the webhook's path and query, which often hold a secret, nothing.</summary>
    public string Shown => string.Create(CultureInfo.InvariantCulture, $"{MinCorrectPercent:R} %, a false alarm in {FalseAlarmDays:R} days{(Webhook is null ? "" : $", told to {Webhook.Shown}")}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MinCorrectPercent:R} {FalseAlarmDays:R}{(Webhook is null ? "" : $" {Webhook.Url}")}");
}

using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>The alarm: an operation watches for as long as the job has one and is open.</content>
public sealed partial class JobGrain
{
    /// <exception cref="BadInputException">This deployment calls no such webhook.</exception>
    private void Require(JobAlarm? alarm)
    {
        if (alarm?.Webhook is { } webhook && alarms.Value.RefusalOf(webhook) is { } refusal) throw new BadInputException($"alarm.webhook: {refusal}");
    }

    /// <summary>The life after a change: whether and what for its classes are watched follows it.</summary>
    private static LivingJob WithWatch(LivingJob? before, LivingJob after) =>
        (before?.Info.Settings.Alarm ?? after.Info.Settings.Alarm) is null || (before?.Info.Settings.Alarm == after.Info.Settings.Alarm && before?.Info.State == after.Info.State)
            ? after : after with { AlarmRevision = after.AlarmRevision + 1 };

    /// <summary>Sees to it that somebody looks; after the change is written down, as in estimating anew.</summary>
    private async Task StartWatchingAsync()
    {
        if (Living is not { AlarmRevision: > 0 } living) return;
        // One that watches is told of the change; where nobody does and nobody has to, there is nothing to start.
        if (living.Info.Watches || (await Operations().ListAsync()).Any(known => known is { Kind: OperationKind.Watch, HasEnded: false } && known.Incarnation == living.Info.Incarnation))
            await Operations().StartAsync(OperationKind.Watch, living.Info.Incarnation, living.AlarmRevision.ToString(CultureInfo.InvariantCulture));
    }
}

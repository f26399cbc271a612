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
        var revision = living.AlarmRevision.ToString(CultureInfo.InvariantCulture);
        var watches = (await Operations().ListAsync()).Where(known => known.Kind == OperationKind.Watch && known.Incarnation == living.Info.Incarnation).ToList();
        // One that watches is told of the change. Where nobody has to, somebody still ends what stands under another alarm, and tells of it.
        if (living.Info.Watches || watches.Exists(known => !known.HasEnded) || !watches.Exists(known => known.Request == revision))
            await Operations().StartAsync(OperationKind.Watch, living.Info.Incarnation, revision);
    }
}

using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>A job that is watched at last, and the change log.</content>
internal sealed partial class Simulation
{
    /// <summary>However often somebody looks, an alarm is raised once, and ends once the job is no longer watched.</summary>
    private async Task CheckAlarmsAsync(JobInfo job)
    {
        if (JobAlarm.RefusalOf(job.Settings, _work.Target is { Per: TargetScope.ClassAndBucket }) is not null) return;
        var alarms = cluster.Grains.GetGrain<IAlarmGrain>(job.Incarnation.Value);
        await Calls.UntilDoneAsync(() => Job.ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(99.9, 2)) }));
        for (var look = 0; look < 2; look++)
        {
            var progress = (await Calls.UntilDoneAsync(alarms.LookAsync))!;
            var stand = (await Calls.UntilDoneAsync(alarms.ListAsync)).Where(alarm => alarm.Stands).ToList();
            Calls.Require(stand.Count == progress.Standing && stand.Count == await Calls.UntilDoneAsync(alarms.CountAsync), $"{stand.Count} alarms stand, and {progress} says otherwise");
            Calls.Require(stand.Select(alarm => alarm.Label).Distinct().Count() == stand.Count && stand.All(alarm => alarm.Counts.Incorrect > 0), $"alarms stand that can't: {string.Join(", ", stand)}");
        }
        Calls.Require((await Calls.UntilDoneAsync(() => alarms.GetUntoldAsync(10))).IsEmpty, "there is something to tell, and nobody to be told");
        await Calls.UntilDoneAsync(() => alarms.NoteToldAsync(1, isEnd: false, problem: null));
        await Calls.UntilDoneAsync(() => Job.ChangeAsync(new JobChanges { Alarm = new AlarmChange(null) }));
        Calls.Require(await Calls.UntilDoneAsync(alarms.LookAsync) is { Standing: 0 }, "an alarm stands of a job that nobody watches");
        Calls.Require((await Calls.UntilDoneAsync(alarms.ListAsync)).All(alarm => alarm is { Ending: AlarmEnding.Withdrawn, Raised.State: AlarmDelivery.NotWanted }), "an alarm did not end with the job's");
    }

    private async Task CheckChangeLogAsync(JobInfo job)
    {
        var log = cluster.Grains.GetGrain<IChangeLogGrain>(0);
        var record = new ChangeRecord(new ChangePosition(TimeProvider.System.GetUtcNow(), Guid.NewGuid()), "simulation", "", "check", job.Name.Value, "", null, 200);
        var refused = record with { Position = record.Position with { Id = Guid.NewGuid() } };
        foreach (var written in (ChangeRecord[])[record with { Status = null }, record, refused]) await Calls.UntilDoneAsync(() => log.WriteAsync(written));
        await Calls.UntilDoneAsync(() => log.RemoveAsync(refused.Position));
        var found = await cluster.Changes.ReadAsync(null, record.Position.At).Where(known => known.Job == job.Name.Value).ToListAsync();
        Calls.Require(found is [var only] && only == record, $"the change log has [{string.Join(", ", found)}], not {record}");
    }
}

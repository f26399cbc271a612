using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>The target: which one there is, and what it was before.</content>
public sealed partial class JobGrain
{
    public async Task<JobInfo?> SetTargetAsync(Incarnation incarnation, JobTarget? target, string by)
    {
        using (await _changes.EnterAloneAsync())
        {
            if (Find(incarnation) is not { } living) return null;
            if (target is not null) Require(living.Info.Settings, target);
            var before = living.Info.Target;
            if (before?.Target != target)
            {
                var setting = new TargetSetting((before?.Revision ?? 0) + 1, target, by, time.GetUtcNow()) { HadBuckets = target?.Per == TargetScope.ClassAndBucket || before is { HadBuckets: true } || living.TargetChanges.Any(change => change.Target?.Per == TargetScope.ClassAndBucket) };
                var changes = living.TargetChanges.Add(setting);
                if (changes.Length > JobLimits.MaxTargetChanges) changes = changes.RemoveAt(0);
                await SaveAsync(living with { Info = living.Info with { Target = setting }, TargetChanges = changes });
            }
        }
        await StartDecidingAsync();
        return Find(incarnation)?.Info;
    }

    public Task<ImmutableArray<TargetSetting>> GetTargetChangesAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.TargetChanges ?? []);

    private static void Require(JobSettings settings, JobTarget target)
    {
        if (target.Problems().Select(found => $"{found.Field}: {found.Problem}").ToList() is { Count: > 0 } problems) throw new BadInputException(string.Join("; ", problems));
        if (JobTarget.RefusalOf(settings, target.Per) is { } refusal) throw new BadInputException($"the job can't have a target: {refusal}");
    }

    /// <summary>
    /// Sees to it that somebody looks what can be decided, or that what was decided under a target that is gone is put away. After the change is
    /// written down, as in estimating anew.
    /// </summary>
    private async Task StartDecidingAsync()
    {
        if (Living is not { Info: { Target: { } setting, State: JobState.Open } info }) return;
        await Operations().StartAsync(OperationKind.Decide, info.Incarnation, setting.Revision.ToString(CultureInfo.InvariantCulture));
    }
}

using System.Collections.Immutable;
using BulkQA.Core;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IAlarmGrain"/>
[Reentrant]
internal sealed partial class AlarmGrain(
    [PersistentState("alarms")] IPersistentState<AlarmRecord> record, TimeProvider time, AlarmsMetrics metrics, ILogger<AlarmGrain> log) : Grain, IAlarmGrain
{
    /// <summary>Classes whose days are asked for at the same time.</summary>
    private const int ClassesAtOnce = 50;

    private static readonly DateOnly _firstDay = ReviewBreakdown.Undated.AddDays(1);

    /// <summary>One look, or one change of what is stored, at a time.</summary>
    private readonly Gate _looks = new();

    /// <summary>What of a class was looked at last: as long as it is the same, nothing else comes of it.</summary>
    private readonly Dictionary<Label, Seen> _seen = [];

    private Incarnation _incarnation;
    private AlarmProgress? _progress;

    private SharedRuns Looks => field ??= new(_looks);

    private DurableState<AlarmRecord> State => field ??= new(record, DeactivateOnIdle);

    private IJobGrain Job => GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        metrics.Stand(_incarnation, State.Value.Standing.Length);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Stand(_incarnation, 0);
        return Task.CompletedTask;
    }

    public async Task<AlarmProgress?> LookAsync()
    {
        await Looks.RunAsync(async () => _progress = await LookNowAsync());
        return _progress;
    }

    public Task<ImmutableArray<ClassAlarm>> ListAsync() => Task.FromResult<ImmutableArray<ClassAlarm>>([.. State.Value.Standing.Reverse(), .. State.Value.Ended.Reverse()]);

    public Task<int> CountAsync() => Task.FromResult(State.Value.Standing.Length);

    public Task<ImmutableArray<AlarmEvent>> GetUntoldAsync(int limit) => Task.FromResult<ImmutableArray<AlarmEvent>>(
        [.. State.Value.All.Where(alarm => alarm.IsUntold).Select(alarm => new AlarmEvent(alarm, alarm.Raised.State != AlarmDelivery.Pending)).OrderBy(told => told.At).Take(limit)]);

    public async Task NoteToldAsync(int number, bool isEnd, string? problem)
    {
        using var turn = await _looks.EnterAloneAsync();
        var bounded = problem is { Length: > AlarmLimits.MaxProblemLength } ? problem[..AlarmLimits.MaxProblemLength] : problem;
        var told = State.Value.Tell(number, isEnd, new AlarmTelling(problem is null ? AlarmDelivery.Delivered : AlarmDelivery.GivenUp, bounded));
        if (told.Untold != State.Value.Untold) await State.SaveAsync(told);
    }

    public async Task ForgetAsync()
    {
        using var turn = await _looks.EnterAloneAsync();
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    private async Task<AlarmProgress?> LookNowAsync()
    {
        if (await Job.GetAsync(_incarnation) is not { } job) return null;
        var (setting, now) = (job.Settings.Alarm, time.GetUtcNow());
        var delivery = new AlarmTelling(setting?.Webhook is null ? AlarmDelivery.NotWanted : AlarmDelivery.Pending);
        var (next, ended) = (State.Value, new List<ClassAlarm>());
        var watched = setting is null ? null : (setting with { Webhook = null }).ToString();
        if (next.Watched != watched)
        {
            _seen.Clear();
            foreach (var alarm in next.Standing) End(alarm with { Ending = AlarmEnding.Withdrawn, EndedAt = now, Ended = delivery });
            next = next with { Watched = watched };
        }
        if (setting?.Webhook is null && next.Untold > 0) next = next.Untell();
        var (seen, waiting) = (new Dictionary<Label, Seen>(), _progress?.Waiting ?? 0);
        if (job.Watches)
        {
            if (await FindChangedAsync(job, now) is not { } changed) return null;
            foreach (var (label, key) in changed) seen[label] = key;
            if (changed.Count > 0) (next, waiting) = await StepAsync(next, setting!, [.. changed.Keys], seen, delivery, now, ended);
        }
        if (next != State.Value) await SaveAsync(job, next, ended);
        foreach (var (label, key) in seen) _seen[label] = key;
        return new AlarmProgress(next.Standing.Length, next.Untold, waiting, seen.Count == 0);

        void End(ClassAlarm alarm)
        {
            next = next.End(alarm);
            ended.Add(alarm);
        }
    }

    /// <summary>Classes whose reviews, or the day that it is, are others than when they were looked at; null where the job is deleted.</summary>
    private async Task<Dictionary<Label, Seen>?> FindChangedAsync(JobInfo job, DateTimeOffset now)
    {
        if (await ReadTalliesAsync() is not { } tallies) return null;
        var standing = State.Value.Standing.Select(alarm => alarm.Label).ToHashSet();
        return tallies.Where(entry => entry.Value.All.Reviewed > 0 || standing.Contains(entry.Key))
            .Select(entry => KeyValuePair.Create(entry.Key, new Seen(entry.Value.All, entry.Value.Votes, entry.Value.TasksDone, entry.Value.LastVoteAt, job.RulesRevision, DayOf(now))))
            .Where(entry => !_seen.TryGetValue(entry.Key, out var before) || before != entry.Value).ToDictionary();
    }

    /// <summary>The counters of all classes that can be read; null where the job is deleted.</summary>
    private async Task<IEnumerable<KeyValuePair<Label, ClassTally>>?> ReadTalliesAsync()
    {
        var classes = GrainFactory.GetGrain<IJobClassesGrain>(_incarnation.Value);
        try
        {
            return await classes.GetTalliesAsync(null);
        }
        // One class is enough for that; only asking each of them tells which.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (await classes.ListAsync() is not { } labels) return null;
            var tallies = new List<KeyValuePair<Label, ClassTally>>();
            foreach (var some in labels.Chunk(ClassesAtOnce))
            {
                var found = await ReadAsync(some, async label => await classes.GetTalliesAsync([label]));
                // That is no matter of a class.
                if (found.Count == 0) throw;
                if (found.Any(one => one.Found is null)) return null;
                tallies.AddRange(found.SelectMany(one => one.Found!.Value));
            }
            return tallies;
        }
    }

    /// <summary>What can be read of classes. One that can't be is logged and left out; the others go on.</summary>
    private async Task<IReadOnlyList<(Label Label, T Found)>> ReadAsync<T>(IReadOnlyList<Label> labels, Func<Label, Task<T>> read)
    {
        var asked = labels.Select(label => (Label: label, Answer: read(label))).ToList();
        await Task.WhenAll(asked.Select(one => (Task)one.Answer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var found = new List<(Label, T)>(asked.Count);
        foreach (var (label, answer) in asked)
        {
            if (answer.IsCompletedSuccessfully)
            {
                found.Add((label, await answer));
                continue;
            }
            metrics.Unread.Add(1);
            LogUnread(answer.Exception?.GetBaseException(), _incarnation.Job.Value, label.Value);
        }
        return found;
    }

    /// <summary>What the days of classes raise and end. Forgets of <paramref name="seen"/> those that wait for room, or could not be read.</summary>
    private async Task<(AlarmRecord Next, int Waiting)> StepAsync(
        AlarmRecord next, JobAlarm setting, ImmutableArray<Label> labels, Dictionary<Label, Seen> seen, AlarmTelling delivery, DateTimeOffset now, List<ClassAlarm> ended)
    {
        var (fallen, isOut) = (new List<(Label Label, AlarmFinding Finding)>(), false);
        foreach (var some in labels.Chunk(ClassesAtOnce))
        {
            // Where none of many can be read, the others can't either, and each would be waited for.
            if (isOut)
            {
                foreach (var label in some) seen.Remove(label);
                continue;
            }
            var found = await ReadAsync(some, label => GrainFactory.GetGrain<IClassGrain>(new ClassAddress(_incarnation, label).Key).BreakDownAsync(_firstDay, DateOnly.MaxValue));
            foreach (var label in some.Except(found.Select(one => one.Label))) seen.Remove(label);
            isOut = found.Count == 0;
            foreach (var (label, counted) in found)
            {
                // Its job goes, and the next look finds that.
                if (counted is null) continue;
                var finding = AlarmFinding.Of(counted.Breakdown.ByDay(_firstDay, DateOnly.MaxValue, version: null), setting);
                var standing = next.Standing.FirstOrDefault(alarm => alarm.Label == label);
                if (standing is null && finding.Decline is not null) fallen.Add((label, finding));
                if (standing is null || !finding.Ends(standing.RaisedBy, DayOf(standing.RaisedAt), DayOf(now))) continue;
                ended.Add(standing with { Ending = AlarmEnding.Recovered, EndedAt = now, EndedOn = finding.LastDay, EndCounts = finding.Counts, Ended = delivery });
                next = next.End(ended[^1]);
            }
        }
        var room = next.Room;
        foreach (var (label, finding) in fallen.Take(room))
        {
            var (decline, number) = (finding.Decline!, next.Last + 1);
            var alarm = new ClassAlarm(number, label, setting.MinCorrectPercent, decline.RaisedOn, decline.Since, finding.Counts, finding.LastDay, now, delivery);
            next = next with { Last = number, Standing = next.Standing.Add(alarm) };
        }
        foreach (var (label, _) in fallen.Skip(room)) seen.Remove(label);
        return (next, Math.Max(0, fallen.Count - room));
    }

    /// <param name="job">Whose.</param>
    /// <param name="next">What is to be stored.</param>
    /// <param name="ended">Those that end with it: perhaps more than are kept.</param>
    private async Task SaveAsync(JobInfo job, AlarmRecord next, IReadOnlyList<ClassAlarm> ended)
    {
        var before = State.Value;
        await State.SaveAsync(next);
        metrics.Stand(_incarnation, next.Standing.Length);
        foreach (var alarm in next.All.Where(alarm => alarm.Number > before.Last))
        {
            metrics.Raised.Add(1);
            LogRaised(job.Name.Value, alarm.Label.Value, alarm.MinCorrectPercent, alarm.RaisedOn, alarm.Since, alarm.Counts.Incorrect, alarm.Counts.Reviewed);
        }
        foreach (var alarm in ended)
        {
            metrics.Ended.Add(1);
            LogEnded(job.Name.Value, alarm.Label.Value, alarm.MinCorrectPercent, alarm.Ending);
        }
    }

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>By which it shows that the days of a class may have changed.</summary>
    private readonly record struct Seen(BucketTally Counts, long Votes, long TasksDone, SubmissionTime LastVoteAt, int Rules, DateOnly Today);

    [LoggerMessage(LogLevel.Warning, "Job {Job}: {Label} fell below {MinCorrectPercent} %, shown by the reviews of {RaisedOn}, which speak for it since {Since}; {Incorrect} of {Reviewed} incorrect that day")]
    private partial void LogRaised(string job, string label, double minCorrectPercent, DateOnly raisedOn, DateOnly since, long incorrect, long reviewed);

    [LoggerMessage(LogLevel.Error, "Job {Job}: {Label} could not be read, and whether it fell below the job's alarm is not known; it is tried again")]
    private partial void LogUnread(Exception? exception, string job, string label);

    [LoggerMessage(LogLevel.Information, "Job {Job}: the alarm of {Label} at {MinCorrectPercent} % has ended: {Ending}")]
    private partial void LogEnded(string job, string label, double minCorrectPercent, AlarmEnding ending);
}

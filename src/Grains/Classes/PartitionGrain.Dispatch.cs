using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>Leases, and reports to whoever dispatches the job's tasks.</content>
public sealed partial class PartitionGrain
{
    /// <summary>Workers whose count of answered tasks has changed since the last report; null as long as nobody has asked this activation.</summary>
    private HashSet<WorkerId>? _unreported;

    /// <summary>Whether something has changed since the last report that dispatch is to know.</summary>
    private bool _isReportDue;

    private long _reports;
    private IGrainTimer? _reporting;

    public Task<ClassLease> LeaseAsync(WorkerId worker) => LeaseOneAsync(worker, null, null, null);

    public Task<ClassLease> LeaseAsync(WorkerId worker, ImmutableArray<int> skipped) => LeaseOneAsync(worker, skipped, null, null);

    public Task<ClassLease> LeaseAsync(WorkerId worker, WorkerTeams teams, int? answers, ImmutableArray<int>? skipped) => LeaseOneAsync(worker, skipped, teams, answers);

    public async Task<int> SkipAsync(ImmutableArray<int> skipped)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return 0;
        Skip(view, skipped);
        return view.Dispatch.CountSkipped();
    }

    public async Task<ShuffledRun> FollowShuffleAsync(int seed)
    {
        using var pass = await _gate.EnterAsync();
        var run = ShuffledRun.Empty;
        await foreach (var task in facts.ReadTasksAsync(_address, new TaskNumber(0), new TaskNumber(int.MaxValue)))
            foreach (var image in task.Images)
                if (image.Gold is null) run = run.Then(ShuffleKey.Of(seed, _address.Class.Label, image.Url));
        return run;
    }

    private void Skip(PartitionView view, ImmutableArray<int> skipped)
    {
        // How many are left changes, and perhaps whether any is wanted.
        if (view.Dispatch.Skip(skipped)) ReportLater();
    }

    private async Task<ClassLease> LeaseOneAsync(WorkerId worker, ImmutableArray<int>? skipped, WorkerTeams? teams, int? answers)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return new ClassLease(null, null, false, [0]);
        if (skipped is { } buckets) Skip(view, buckets);
        if (_unreported is null)
        {
            // Whoever asks knows an earlier activation at most.
            _unreported = [.. view.Fold.Workers];
            ReportLater();
        }
        if (teams is not null)
        {
            if (await FindTeamsAsync() is not { } known) return new ClassLease(null, null, false, [0]);
            view = known;
        }
        var now = time.GetUtcNow();
        var lease = await LeaseAsync(view, worker, now, teams is null ? null : new TeamShare(teams.Present, answers));
        // Whoever asked notes it before the worker hears of the task.
        if (teams is not null && lease is { Team: var team } && team == teams.Present) view.Dispatch.Tell(worker, teams);
        return new ClassLease(lease?.Task, lease?.ExpiresAt ?? view.NextExpiry, lease is not null || view.IsWanted(now), [view.Fold.CountAnswered(worker)]) { Team = lease?.Team };
    }

    public async Task<bool> PassAsync(TaskNumber task, WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view || (!view.Fold.Knows(task) && view.FollowUps is null)) return false;
        var until = time.GetUtcNow() + options.Value.LeaseDuration;
        if (view.Fold.Knows(task)) view.Dispatch.Pass(task, worker, until);
        else view.FollowUps!.Pass(task, worker, until);
        // Whoever knows that nobody could get a task here learns that somebody can.
        ReportLater();
        return true;
    }

    public async Task<PartitionProgress> GetProgressAsync()
    {
        using var pass = await _gate.EnterAsync();
        _unreported ??= [];
        if (await LeftSummaryAsync() is { } left)
            return new PartitionProgress(_address.Key, _head.Head.Epoch, 0, (int)(left.Tally.Tasks - left.Tally.HeldBack), left.IsWanted, left.Workers.Workers);
        if (await ViewAsync() is not { } view) return new PartitionProgress(_address.Key, 0, 0, 0, false, []);
        _unreported.Clear();
        return Progress(view, view.Fold.Workers);
    }

    /// <summary>Takes note of what is to be reported and listed once a submission is folded.</summary>
    private void Changed(PartitionView view, Submission submission)
    {
        if (Lists(view) && view.Fold.IsDone(submission.Task)) ListLater(submission.Task);
        if (_unreported is null) return;
        _unreported.Add(submission.Worker);
        ReportLater();
    }

    /// <summary>Takes over a task, and what is to be reported of it.</summary>
    private void AddTask(PartitionView view, TaskContent task)
    {
        view.AddTask(task);
        // Whether or not somebody asked this activation: a class that had no task left is left alone otherwise.
        ReportLater();
    }

    private void ReportLater()
    {
        _isReportDue = true;
        _reporting ??= this.RegisterGrainTimer(
            ReportAsync, new GrainTimerCreationOptions(options.Value.ReportInterval, options.Value.ReportInterval) { Interleave = true });
    }

    private async Task ReportAsync()
    {
        if (View is not { } view || !_isReportDue)
        {
            _reporting?.Dispose();
            _reporting = null;
            return;
        }
        var workers = _unreported ?? [];
        if (_unreported is not null) _unreported = [];
        _isReportDue = false;
        try
        {
            await GrainFactory.GetGrain<IDispatchGrain>(_address.Class.Incarnation.Value).ReportAsync(Progress(view, workers));
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            _unreported?.UnionWith(workers);
            _isReportDue = true;
        }
    }

    private PartitionProgress Progress(PartitionView view, IEnumerable<WorkerId> workers) => new(
        _address.Key, view.Epoch, ++_reports, view.Fold.TaskCount - view.Fold.CountHeldBack(), view.IsWanted(time.GetUtcNow()),
        [.. workers.Take(IPartitionGrain.MaxWorkersTold).Select(worker => KeyValuePair.Create(worker, view.Fold.CountAnswered(worker)))])
    {
        Skipped = view.Dispatch.CountSkipped(),
    };
}

using System.Collections.Immutable;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IDispatchGrain"/>
[Reentrant]
public sealed partial class DispatchGrain(IOptions<GrainsOptions> options, WorkerExperience experience, TimeProvider time) : Grain, IDispatchGrain
{
    /// <summary>Classes that are asked at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>Workers whose last class is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedWorkers = 10_000;

    /// <summary>How long a class without any task for anybody is left alone, unless it reports.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    private readonly Gate _loading = new();
    private readonly Dictionary<Label, KnownClass> _classes = [];
    private readonly Dictionary<WorkerId, Label> _lastClassOf = [];
    private readonly Dictionary<WorkerId, int> _answeredBy = [];
    private readonly Dictionary<WorkerId, DateTimeOffset> _askedAt = [];

    private Incarnation _incarnation;
    private JobQualification _qualification = null!;
    private ImmutableArray<Label> _labels = [];
    private long _tasks;
    private bool _isLoaded;
    private long _loadedAt;
    private bool _isLooking;
    private long? _lookedAt;
    private TimeSpan _lookPause;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        _qualification = new JobQualification(GrainFactory, _incarnation, time);
        return Task.CompletedTask;
    }

    public async Task<TaskLease?> LeaseAsync(WorkerId worker)
    {
        if (await JobAsync() is not { State: JobState.Open } job) return null;
        LookAtTarget(job);
        await LoadNowAndThenAsync();
        if (_askedAt.Count >= MaxRememberedWorkers) _askedAt.Clear();
        _askedAt[worker] = time.GetUtcNow();
        if (job.SetAside.Any(setAside => setAside.Worker == worker)) return null;
        if (job.Settings.Assignment.MinExperience is { } least && await FindMissingExperienceAsync(worker, least) is not null) return null;
        if (job.Settings.PassMark is not null && await _qualification.HoldAsync(worker, _labels, job.RulingOn(worker)) is { State: not QualificationState.Passed } qualification)
            return qualification.Task is { } batch ? new TaskLease(batch, time.GetUtcNow() + options.Value.LeaseDuration, 0, checked((int)_tasks)) : null;
        return job.Settings.Assignment.IsNoted ? await LeaseLimitedAsync(worker, job.Settings.Assignment) : await LeaseAnyAsync(worker);
    }

    public Task<TaskLease?> LeaseAnyAsync(WorkerId worker) => LeaseAsync(worker, of => of.LeaseAsync(worker));

    public Task<TaskLease?> LeaseForTeamAsync(WorkerId worker, WorkerTeams teams, int? answers) => LeaseAsync(worker, of => of.LeaseAsync(worker, teams, answers));

    private async Task<TaskLease?> LeaseAsync(WorkerId worker, Func<IClassGrain, Task<ClassLease>> ask)
    {
        // Whoever counts may have asked an activation that knew more than this one.
        await LoadNowAndThenAsync();
        if (await TryLeaseAsync(worker, ask) is { } lease) return lease;
        // Perhaps a class has come since.
        var known = _labels.Length;
        await LoadAsync();
        return _labels.Length == known ? null : await TryLeaseAsync(worker, ask);
    }

    public async Task<Qualification?> QualifyAsync(WorkerId worker)
    {
        if (await JobAsync() is not { Settings.PassMark: not null } job) return null;
        await LoadNowAndThenAsync();
        return await _qualification.OfAsync(worker, _labels, job.RulingOn(worker));
    }

    public async Task<WorkerProgress> GetProgressAsync(WorkerId worker)
    {
        await LoadNowAndThenAsync();
        var (answered, now) = (_answeredBy.GetValueOrDefault(worker), time.GetUtcNow());
        var isWanted = _classes.Values.Any(known => known.IsWanted && known.RestsUntil <= now);
        // Where teams give so many answers each, the job itself may want some of others alone.
        if (isWanted && await JobAsync() is { Settings.Assignment: { Answers.IsEmpty: false } assignment }) isWanted = await IsWantedOfTeamsAsync(worker, assignment);
        return new WorkerProgress(answered, Math.Max(checked((int)_tasks), answered), isWanted);
    }

    public Task<ImmutableArray<WorkingWorker>> GetWorkingAsync(DateTimeOffset since) => Task.FromResult<ImmutableArray<WorkingWorker>>(
        [.. _askedAt.Where(entry => entry.Value >= since).OrderByDescending(entry => entry.Value).Select(entry => new WorkingWorker(entry.Key, entry.Value, _answeredBy.GetValueOrDefault(entry.Key)))]);

    public async Task ReportAsync(PartitionProgress progress)
    {
        // Not while the classes are asked: what changes after a partition has answered would be missed.
        using var pass = await _loading.EnterAsync();
        var address = PartitionAddress.Parse(progress.Partition);
        // Follow-ups are no part of a class's partitions. Only a process of the release before takes them for one, and reports it.
        if (address.IsFollowUps) return;
        if (address.IsGold) _qualification.Add(address.Class.Label);
        else if (_classes.TryGetValue(address.Class.Label, out var known)) Take(known, address.Number, progress);
        // A class has come since: whoever leases next has it asked for everything.
        else _isLoaded = false;
    }

    /// <summary>Whoever asks for a task has perhaps just answered one: now and then what can be decided by it is. Nothing waits for that.</summary>
    private void LookAtTarget(JobInfo job)
    {
        if (job.Target?.Target is null || _isLooking || (_lookedAt is { } at && time.GetElapsedTime(at) < _lookPause)) return;
        _isLooking = true;
        LookAtTargetAsync().Ignore();
    }

    private async Task LookAtTargetAsync()
    {
        var began = time.GetTimestamp();
        try
        {
            await GrainFactory.GetGrain<ITargetGrain>(_incarnation.Value).LookAsync();
        }
        finally
        {
            (_isLooking, _lookedAt) = (false, time.GetTimestamp());
            _lookPause = DecideWork.PauseOf(options.Value.TargetInterval, time.GetElapsedTime(began));
        }
    }

    private Task<JobInfo?> JobAsync() => GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key).GetAsync(_incarnation);

    /// <summary>Now and then at any rate: a report of a class that came since may have got lost.</summary>
    private async Task LoadNowAndThenAsync()
    {
        if (!_isLoaded || time.GetElapsedTime(_loadedAt) > _rest) await LoadAsync();
    }

    private async Task<TaskLease?> TryLeaseAsync(WorkerId worker, Func<IClassGrain, Task<ClassLease>> ask)
    {
        var labels = _labels;
        // A worker stays with a class as long as it has tasks: judging many images of one label in a row is faster.
        var from = _lastClassOf.TryGetValue(worker, out var last) ? Math.Max(0, labels.BinarySearch(last)) : 0;
        for (var step = 0; step < labels.Length; step++)
        {
            var label = labels[(from + step) % labels.Length];
            var known = _classes[label];
            var now = time.GetUtcNow();
            // The worker may hold a task of its last class, and has perhaps answered one of it just now.
            if (known.RestsUntil > now && label != last) continue;
            var lease = await ask(Class(label));
            foreach (var (partition, answered) in lease.Answered.Index())
                if (answered >= 0) Count(known.Partition(partition), worker, answered);
            if (lease.Task is { } task)
            {
                if (_lastClassOf.Count >= MaxRememberedWorkers) _lastClassOf.Clear();
                _lastClassOf[worker] = label;
                var count = _answeredBy.GetValueOrDefault(worker);
                // Who has answered every task may still be asked about images that are in doubt.
                return new TaskLease(task, lease.ExpiresAt!.Value, count, Math.Max(checked((int)_tasks), count + 1))
                {
                    Partition = new PartitionAddress(new ClassAddress(_incarnation, label), lease.LastAsked).Key,
                    Team = lease.Team,
                };
            }
            if (!lease.IsWanted) known.RestsUntil = lease.ExpiresAt is { } ends && ends < now + _rest ? ends : now + _rest;
        }
        return null;
    }

    /// <summary>Asks the classes that are not known yet for everything.</summary>
    private async Task LoadAsync()
    {
        using var turn = await _loading.EnterAloneAsync();
        var labels = await GrainFactory.GetGrain<IJobClassesGrain>(_incarnation.Value).ListAsync() ?? [];
        foreach (var some in labels.Where(label => !_classes.ContainsKey(label)).Chunk(ClassesAtOnce))
        {
            var found = await Task.WhenAll(some.Select(label => AskAsync(Class(label))));
            foreach (var (label, (partitions, hasGold)) in some.Zip(found))
            {
                if (hasGold) _qualification.Add(label);
                var known = new KnownClass();
                foreach (var (number, progress) in partitions.Index()) Take(known, number, progress);
                _classes[label] = known;
            }
        }
        _labels = labels;
        (_isLoaded, _loadedAt) = (true, time.GetTimestamp());
    }

    private IClassGrain Class(Label label) => GrainFactory.GetGrain<IClassGrain>(new ClassAddress(_incarnation, label).Key);

    private static async Task<(ImmutableArray<PartitionProgress> Partitions, bool HasGold)> AskAsync(IClassGrain of)
    {
        var (progress, hasGold) = (of.GetProgressAsync(), of.HasGoldAsync());
        return (await progress, await hasGold);
    }

    private void Take(KnownClass known, int number, PartitionProgress progress)
    {
        var partition = known.Partition(number);
        if (progress.Epoch < partition.Epoch || (progress.Epoch == partition.Epoch && progress.Sequence <= partition.Sequence)) return;
        (partition.Epoch, partition.Sequence) = (progress.Epoch, progress.Sequence);
        var tasks = progress.Tasks - progress.Skipped;
        _tasks += tasks - partition.Tasks;
        partition.Tasks = tasks;
        partition.IsWanted = progress.IsWanted;
        if (progress.IsWanted) known.RestsUntil = default;
        known.Told++;
        known.Unwanted.Clear();
        // A lease may have told more than a report that was on its way; answers are never taken back.
        foreach (var (worker, answered) in progress.Answered)
            if (answered > partition.AnsweredBy.GetValueOrDefault(worker)) Count(partition, worker, answered);
    }

    private void Count(KnownPartition partition, WorkerId worker, int answered)
    {
        var before = partition.AnsweredBy.GetValueOrDefault(worker);
        if (answered == before) return;
        partition.AnsweredBy[worker] = answered;
        _answeredBy[worker] = _answeredBy.GetValueOrDefault(worker) + answered - before;
    }

    private sealed class KnownClass
    {
        private readonly List<KnownPartition> _partitions = [];

        /// <summary>Until when it is not asked, because nobody could get a task.</summary>
        public DateTimeOffset RestsUntil { get; set; }

        /// <summary>How often its partitions have told anything.</summary>
        public long Told { get; set; }

        /// <summary>Of which teams nobody could get a task of it, when it was asked last after its partitions told anything.</summary>
        public Dictionary<TeamShare, DateTimeOffset> Unwanted { get; } = [];

        /// <summary>Whether anybody could get a task of it, as its partitions have told last.</summary>
        public bool IsWanted => _partitions.Exists(partition => partition.IsWanted);

        public KnownPartition Partition(int number)
        {
            while (_partitions.Count <= number) _partitions.Add(new KnownPartition());
            return _partitions[number];
        }
    }

    private sealed class KnownPartition
    {
        public long Epoch { get; set; }

        public long Sequence { get; set; } = -1;

        /// <summary>Without those that are not handed out any more.</summary>
        public int Tasks { get; set; }

        public bool IsWanted { get; set; }

        public Dictionary<WorkerId, int> AnsweredBy { get; } = [];
    }
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IJobClassesGrain"/>
[Reentrant]
public sealed class JobClassesGrain([PersistentState("classes")] IPersistentState<JobClassesRecord> record, LocalViews views) : Grain, IJobClassesGrain
{
    /// <summary>Classes that are asked or told something at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>The revision of the rules that classes were last told to decide by; null before somebody asked for counters, or told.</summary>
    private int? _told;

    private readonly Gate _changes = new();

    /// <summary>How many partitions classes had when last asked.</summary>
    private readonly Dictionary<ClassAddress, int> _partitions = [];

    private Incarnation _incarnation;

    private DurableState<JobClassesRecord> State => field ??= new(record, DeactivateOnIdle);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<Label>?> AddAsync(ImmutableArray<Label> labels)
    {
        if (State.Value is { IsRetired: false } known && labels.All(label => known.Labels.BinarySearch(label) >= 0) && !labels.IsEmpty) return [];
        using var turn = await _changes.EnterAloneAsync();
        // Whoever deletes the job retires this only afterwards, in its turn: what is added here is seen by the sweep.
        if (State.Value.IsRetired || await Job.GetAsync(_incarnation) is null) return null;
        var before = State.Value.Labels;
        var added = labels.Where(label => before.BinarySearch(label) < 0).Distinct().Take(JobLimits.MaxClasses - before.Length).ToList();
        if (added.Count > 0) await State.SaveAsync(State.Value with { Labels = [.. before.Concat(added).Order()] });
        return [.. labels.Where(label => State.Value.Labels.BinarySearch(label) < 0)];
    }

    public async Task<ImmutableArray<Label>?> ListAsync() =>
        State.Value.IsRetired || await Job.GetAsync(_incarnation) is null ? null : State.Value.Labels;

    public async Task<ImmutableArray<ModelVersion>?> AddVersionsAsync(ImmutableArray<ModelVersion> versions)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (State.Value.IsRetired || await Job.GetAsync(_incarnation) is null) return null;
        var before = State.Value.Versions;
        var added = versions.Where(version => before.BinarySearch(version) < 0).Distinct().Take(ModelVersion.MaxPerJob - before.Length).ToList();
        if (added.Count > 0) await State.SaveAsync(State.Value with { Versions = [.. before.Concat(added).Order()] });
        return [.. versions.Where(version => State.Value.Versions.BinarySearch(version) < 0)];
    }

    public async Task<ImmutableArray<ModelVersion>?> ListVersionsAsync() =>
        State.Value.IsRetired || await Job.GetAsync(_incarnation) is null ? null : State.Value.Versions;

    public async Task<ImmutableArray<KeyValuePair<Label, ClassTally>>?> GetTalliesAsync(ImmutableArray<Label>? labels)
    {
        if (State.Value.IsRetired) return null;
        // After a silo was lost, an activation that the directory forgot may still show its counters here, by rules of before.
        if (_told is null && await Job.ReadAsync(_incarnation) is { } job) _told = Math.Max(_told ?? 0, job.RulesRevision);
        var known = State.Value.Labels;
        var wanted = labels is null ? known : [.. labels.Value.Distinct().Order().Where(label => known.BinarySearch(label) >= 0)];
        // All of them asked before the first is waited for.
        var asked = wanted.Select(label => TallyAsync(new ClassAddress(_incarnation, label))).ToArray();
        var tallies = ImmutableArray.CreateBuilder<KeyValuePair<Label, ClassTally>>(asked.Length);
        for (var index = 0; index < asked.Length; index++)
        {
            if (await asked[index] is not { } tally) return null;
            tallies.Add(new(wanted[index], tally));
        }
        return tallies.MoveToImmutable();
    }

    public async Task<KnownWorkers> GetWorkersAsync()
    {
        var (answered, areAll) = (new Dictionary<WorkerId, int>(), true);
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
        {
            var found = await Task.WhenAll(labels.Select(label => Class(label).GetWorkersAsync()));
            foreach (var partition in found.SelectMany(partitions => partitions))
            {
                foreach (var (worker, tasks) in partition.Workers) answered[worker] = answered.GetValueOrDefault(worker) + tasks;
                areAll &= partition.AreAll;
            }
        }
        return new KnownWorkers([.. answered.OrderBy(worker => worker.Key.Value, StringComparer.Ordinal)], areAll);
    }

    public async Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>?> GetWorkerTalliesAsync()
    {
        if (State.Value.IsRetired) return null;
        var sums = new WorkerSums();
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
            foreach (var found in await Task.WhenAll(labels.Select(label => Class(label).GetWorkerTalliesAsync()))) sums.Add(found);
        return sums.ToTallies();
    }

    public async Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker)
    {
        if (State.Value.IsRetired) return null;
        var parts = new List<WorkerTally?>();
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
            parts.AddRange(await Task.WhenAll(labels.Select(label => Class(label).GetWorkerTallyAsync(worker))));
        return WorkerSums.Sum(parts);
    }

    public async Task<WorkRecords?> GetWorkAsync(WorkQuery query)
    {
        if (State.Value.IsRetired) return null;
        var sum = WorkRecords.None;
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
            sum = WorkRecords.Sum([sum, .. await Task.WhenAll(labels.Select(label => Class(label).GetWorkAsync(query)))]);
        return sum;
    }

    public async Task<ImmutableArray<ClassAgreement>?> GetAgreementAsync()
    {
        if (State.Value.IsRetired) return null;
        var classes = ImmutableArray.CreateBuilder<ClassAgreement>(State.Value.Labels.Length);
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
            foreach (var (label, days) in labels.Zip(await Task.WhenAll(labels.Select(label => Class(label).GetAgreementAsync())))) classes.Add(new ClassAgreement(label, days));
        return classes.ToImmutable();
    }

    public async Task<LabelCorrections?> GetCorrectionsAsync(int most)
    {
        if (State.Value.IsRetired) return null;
        // No more are kept on the way than are told of.
        var found = new PriorityQueue<LabelCorrection, (int Images, Label Label, Label RightLabel)>(LeastFirst);
        var (images, pairs) = (0L, 0);
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
        {
            foreach (var (label, counts) in labels.Zip(await Task.WhenAll(labels.Select(label => Class(label).CountRightLabelsAsync()))))
            {
                (images, pairs) = (images + counts.Sum(entry => (long)entry.Value), pairs + counts.Length);
                foreach (var (right, count) in counts.Take(most))
                {
                    found.Enqueue(new LabelCorrection(label, right, count), (count, label, right));
                    if (found.Count > most) found.Dequeue();
                }
            }
        }
        var items = new LabelCorrection[found.Count];
        for (var at = items.Length - 1; at >= 0; at--) items[at] = found.Dequeue();
        return new LabelCorrections([.. items], images, pairs);
    }

    /// <summary>Of as many images, the later label is the lesser.</summary>
    private static readonly Comparer<(int Images, Label Label, Label RightLabel)> LeastFirst = Comparer<(int Images, Label Label, Label RightLabel)>.Create((left, right) =>
        left.Images != right.Images ? left.Images.CompareTo(right.Images) : (right.Label, right.RightLabel).CompareTo((left.Label, left.RightLabel)));

    public async Task ChangeRulesAsync(JobInfo job)
    {
        _told = Math.Max(_told ?? 0, job.RulesRevision);
        foreach (var labels in State.Value.Labels.Chunk(ClassesAtOnce))
            await Task.WhenAll(labels.Select(label => Class(label).ChangeRulesAsync(job)));
    }

    public async Task<ImmutableArray<Label>> RetireAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        // Where nothing is stored there was no class, or it is forgotten: there will be none, since the job is gone, and what was stored now would stay.
        if (record.RecordExists && !State.Value.IsRetired) await State.SaveAsync(State.Value with { IsRetired = true });
        return State.Value.Labels;
    }

    public async Task ForgetAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    /// <summary>
    /// A class's counters: at a glance where its partitions are on this silo, straight from its partition where it is known
    /// to have one, and otherwise by its grain.
    /// </summary>
    private ValueTask<ClassTally?> TallyAsync(ClassAddress address) =>
        _partitions.GetValueOrDefault(address) is var partitions and > 0 && views.Find(address, partitions, _told) is { } tally ? new(tally) : new(AskAsync(address));

    private async Task<ClassTally?> AskAsync(ClassAddress address)
    {
        _partitions[address] = await Class(address.Label).CountPartitionsAsync();
        return _partitions[address] == 1
            ? await GrainFactory.GetGrain<IPartitionGrain>(new PartitionAddress(address, 0).Key).GetTallyAsync(_told ?? 0)
            : await Class(address.Label).GetTallyAsync(_told ?? 0);
    }

    private IJobGrain Job => GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key);

    private IClassGrain Class(Label label) => GrainFactory.GetGrain<IClassGrain>(new ClassAddress(_incarnation, label).Key);
}

/// <summary>The classes of one life of a job.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobClassesRecord")]
public sealed record JobClassesRecord
{
    /// <summary>Ordered.</summary>
    [Id(0)]
    public ImmutableArray<Label> Labels { get; init; } = [];

    /// <summary>The job is deleted.</summary>
    [Id(1)]
    public bool IsRetired { get; init; }

    /// <summary>Model versions that images may be of, ordered.</summary>
    [Id(6)]
    public ImmutableArray<ModelVersion> Versions { get => field.IsDefault ? [] : field; init; }
}

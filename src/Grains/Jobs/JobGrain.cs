using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IJobGrain"/>
[Reentrant]
public sealed partial class JobGrain(
    [PersistentState("job")] IPersistentState<JobRecord> record,
    LocalViews views,
    IOptions<GrainsOptions> options,
    TimeProvider time) : Grain, IJobGrain
{
    /// <summary>Classes that are asked or told something at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>Workers whose last class is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedWorkers = 10_000;

    /// <summary>One change at a time; reads go on beside it.</summary>
    private readonly Gate _changes = new();

    private readonly Dictionary<WorkerId, Label> _lastClassOf = [];

    /// <summary>How many partitions classes had when last asked.</summary>
    private readonly Dictionary<ClassAddress, int> _partitions = [];

    private DurableState<JobRecord> State => field ??= new(record, DeactivateOnIdle);

    private LivingJob? Living => State.Value.Living;

    public async Task<JobCreation?> CreateAsync(JobName name, JobDraft draft)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Living is { } living)
            return new JobCreation(living.Info, false, [.. draft.DifferencesFrom(living.Info.Settings)]);
        Require(draft.ToSettings(options.Value.JobDefaults));
        // In the index first: a name without a job is skipped there, a job without a name would be lost.
        if (!await GrainFactory.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).AddAsync(name)) return null;
        var info = new JobInfo(name, Incarnation.New(name), draft.ToSettings(options.Value.JobDefaults), 0, JobState.Open, time.GetUtcNow());
        await SaveAsync(new LivingJob(info, [], 0, false));
        return new JobCreation(info, true, []);
    }

    public Task<JobInfo?> GetAsync() => Task.FromResult(Living?.Info);

    public Task<JobInfo?> GetAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.Info);

    public async Task<JobInfo?> ChangeAsync(VerdictPolicy? policy, JobState? state)
    {
        var info = await WriteChangeAsync(policy, state);
        return info is null ? null : await TellPolicyAsync(info.Incarnation);
    }

    public async Task<JobInfo?> TellPolicyAsync(Incarnation incarnation)
    {
        // Not in the gate: a class that doesn't answer must not keep imports and deletions waiting.
        if (Find(incarnation) is not { } living) return null;
        var info = living.Info;
        if (living.ToldRevision == info.PolicyRevision) return info;
        foreach (var labels in living.Labels.Chunk(ClassesAtOnce))
            await Task.WhenAll(labels.Select(label => Class(incarnation, label).ChangePolicyAsync(info)));
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } now) return null;
        // Where another revision has come meanwhile, its classes are being told by whoever wrote it.
        if (now.Info.PolicyRevision == info.PolicyRevision && now.ToldRevision != info.PolicyRevision)
            await SaveAsync(now with { ToldRevision = info.PolicyRevision });
        return now.Info;
    }

    public async Task<bool> VerdictsRewrittenAsync(Incarnation incarnation, int revision)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { RewritePending: true } living) return true;
        if (living.Info.PolicyRevision != revision) return false;
        await SaveAsync(living with { RewritePending = false });
        return true;
    }

    public async Task MirrorLabelingAsync(Incarnation incarnation, LabelingJob labeling)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living || living.Info.Labeling is { } known && known with { At = labeling.At } == labeling) return;
        await SaveAsync(living with { Info = living.Info with { Labeling = labeling } });
    }

    public async Task<bool> DeleteAsync() => Living is { } living && await DeleteAsync(living.Info.Incarnation);

    public async Task<bool> DeleteAsync(Incarnation incarnation)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (FindTombstone(incarnation) is not null) return true;
        if (Find(incarnation) is not { } living) return false;
        // Before it is written down, as in a change of policy. It finds no tombstone where writing fails.
        await Operations().StartAsync(OperationKind.Delete, incarnation, null);
        var tombstone = new Tombstone(incarnation, living.Labels, living.NextTask, time.GetUtcNow(), null, false);
        await State.SaveAsync(State.Value with { Living = null, Tombstones = State.Value.Tombstones.Add(tombstone) });
        _lastClassOf.Clear();
        _partitions.Clear();
        return true;
    }

    public async Task<Tombstone?> GetTombstoneAsync(Incarnation incarnation)
    {
        // Waits for a deletion that is being written down.
        using var turn = await _changes.EnterAloneAsync();
        return FindTombstone(incarnation);
    }

    public async Task SweptAsync(Incarnation incarnation, bool again)
    {
        using var turn = await _changes.EnterAloneAsync();
        var now = time.GetUtcNow();
        if (FindTombstone(incarnation) is { Done: false } tombstone)
        {
            var next = again ? tombstone with { Done = true, Labels = [] } : tombstone with { SweptAt = tombstone.SweptAt ?? now };
            var tombstones = State.Value.Tombstones.Replace(tombstone, next)
                .RemoveAll(old => old.Done && old.DeletedAt + options.Value.TombstoneLifetime < now);
            await State.SaveAsync(State.Value with { Tombstones = tombstones });
        }
        if (Living is null && State.Value.Tombstones.All(left => left.Done))
            await GrainFactory.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).RemoveAsync(incarnation.Job);
    }

    public async Task ResumeAsync()
    {
        foreach (var tombstone in State.Value.Tombstones.Where(tombstone => !tombstone.Done))
            await Operations().StartAsync(OperationKind.Delete, tombstone.Incarnation, null);
        if (Living is { RewritePending: true } living) await StartRewritingAsync(living.Info);
        await Operations().ResumeAsync();
    }

    public async Task<ImmutableArray<Label>?> AddClassesAsync(Incarnation incarnation, ImmutableArray<Label> labels)
    {
        if (Find(incarnation) is not { } known) return null;
        if (labels.All(label => known.Labels.BinarySearch(label) >= 0)) return [];
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living) return null;
        var added = labels.Where(label => living.Labels.BinarySearch(label) < 0).Distinct()
            .Take(JobLimits.MaxClasses - living.Labels.Length).ToList();
        if (added.Count > 0)
            await SaveAsync(living with { Labels = [.. living.Labels.Concat(added).Order()] });
        return [.. labels.Where(label => Living!.Labels.BinarySearch(label) < 0)];
    }

    public Task<ImmutableArray<Label>?> GetClassesAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.Labels);

    public async Task<TaskRange?> ReserveTasksAsync(Incarnation incarnation, int count)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living) return null;
        await SaveAsync(living with { NextTask = checked(living.NextTask + count) });
        return new TaskRange(living.NextTask, count);
    }

    public async Task ReleaseTasksAsync(Incarnation incarnation, TaskRange unused)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living || living.NextTask != unused.First + unused.Count || unused.Count == 0) return;
        await SaveAsync(living with { NextTask = unused.First });
    }

    public Task<int> CountTaskNumbersAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.NextTask ?? 0);

    public async Task<JobTallies?> GetTalliesAsync(ImmutableArray<Label>? labels)
    {
        if (Living is not { } living) return null;
        var wanted = labels is null ? living.Labels
            : [.. labels.Value.Distinct().Order().Where(label => living.Labels.BinarySearch(label) >= 0)];
        // All of them asked before the first is waited for.
        var asked = wanted.Select(label => TallyAsync(new ClassAddress(living.Info.Incarnation, label))).ToArray();
        var tallies = new ClassTally?[asked.Length];
        for (var i = 0; i < asked.Length; i++) tallies[i] = await asked[i];
        return tallies.Any(tally => tally is null) ? null
            : new JobTallies(living.Info, [.. wanted.Zip(tallies, (label, tally) => KeyValuePair.Create(label, tally!))]);
    }

    public async Task<KnownWorkers?> GetWorkersAsync()
    {
        if (Living is not { } living) return null;
        var (workers, areAll) = (new HashSet<WorkerId>(), true);
        foreach (var labels in living.Labels.Chunk(ClassesAtOnce))
        {
            foreach (var found in (await Task.WhenAll(labels.Select(label => WorkersOfAsync(new ClassAddress(living.Info.Incarnation, label))))).SelectMany(found => found))
            {
                workers.UnionWith(found.Workers);
                areAll &= found.AreAll;
            }
        }
        return new KnownWorkers([.. workers.OrderBy(worker => worker.Value, StringComparer.Ordinal)], areAll);
    }

    public async Task<TaskLease?> LeaseAsync(WorkerId worker)
    {
        if (Living is not { Info.State: JobState.Open } living) return null;
        var incarnation = living.Info.Incarnation;
        // A worker stays with a class as long as it has tasks: judging many images of one label in a row is faster.
        var from = _lastClassOf.TryGetValue(worker, out var last) ? Math.Max(0, living.Labels.BinarySearch(last)) : 0;
        for (var step = 0; step < living.Labels.Length; step++)
        {
            var label = living.Labels[(from + step) % living.Labels.Length];
            if (await Class(incarnation, label).LeaseAsync(worker) is not { } lease) continue;
            if (_lastClassOf.Count >= MaxRememberedWorkers) _lastClassOf.Clear();
            _lastClassOf[worker] = label;
            var answered = await Task.WhenAll(living.Labels.Select(name => Class(incarnation, name).CountAnsweredAsync(worker)));
            var tallies = await GetTalliesAsync(null);
            return lease with { Answered = answered.Sum(), Total = checked((int)(tallies?.Classes.Sum(entry => entry.Value.Tasks) ?? 0)) };
        }
        return null;
    }

    public async Task<AuditReport?> AuditAsync()
    {
        if (Living is not { } living) return null;
        var report = AuditReport.Nothing;
        foreach (var label in living.Labels) report += await Class(living.Info.Incarnation, label).AuditAsync();
        return report;
    }

    /// <summary>
    /// A class's counters: at a glance where its partitions are on this silo, straight from its partition where it is known
    /// to have one, and otherwise by its grain.
    /// </summary>
    private ValueTask<ClassTally?> TallyAsync(ClassAddress address)
    {
        var partitions = _partitions.GetValueOrDefault(address);
        return partitions > 0 && views.Find(address, partitions) is { } tally ? new(tally) : new(AskAsync(address, partitions));
    }

    private async Task<ClassTally?> AskAsync(ClassAddress address, int partitions)
    {
        var reply = partitions == 1 ? await GrainFactory.GetGrain<IPartitionGrain>(PartitionRange.Key(address, 0)).GetTallyAsync() : null;
        if (reply is not { Partitions: 1 }) reply = await Class(address.Incarnation, address.Label).GetTallyAsync();
        if (reply is not null) _partitions[address] = reply.Partitions;
        return reply?.Tally;
    }

    private async Task<KnownWorkers[]> WorkersOfAsync(ClassAddress address)
    {
        var partitions = await Class(address.Incarnation, address.Label).CountPartitionsAsync();
        return await Task.WhenAll(PartitionRange.FirstShards(partitions).Select(first =>
            GrainFactory.GetGrain<IPartitionWorkersGrain>(PartitionRange.Key(address, first)).GetWorkersAsync()));
    }

    private LivingJob? Find(Incarnation incarnation) => Living is { } living && living.Info.Incarnation == incarnation ? living : null;

    private IClassGrain Class(Incarnation incarnation, Label label) =>
        GrainFactory.GetGrain<IClassGrain>(new ClassAddress(incarnation, label).Key);

    private Tombstone? FindTombstone(Incarnation incarnation) => State.Value.Tombstones.FirstOrDefault(tombstone => tombstone.Incarnation == incarnation);

    /// <summary>Writes a change down; the classes are still to be told.</summary>
    private async Task<JobInfo?> WriteChangeAsync(VerdictPolicy? policy, JobState? state)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Living is not { } living) return null;
        var info = living.Info with { State = state ?? living.Info.State };
        if (policy is not null && policy != info.Settings.Policy)
        {
            info = info with { Settings = info.Settings with { Policy = policy }, PolicyRevision = info.PolicyRevision + 1 };
            Require(info.Settings);
            // Before it is written down: from then on somebody goes on with it, whatever becomes of this call.
            await StartRewritingAsync(info);
            living = living with { RewritePending = true };
        }
        living = living with { Info = info };
        if (living != Living) await SaveAsync(living);
        return info;
    }

    /// <exception cref="BadInputException">Something is wrong with the settings.</exception>
    private static void Require(JobSettings settings)
    {
        var problems = settings.Problems().Select(found => $"{found.Field}: {found.Problem}").ToList();
        if (problems.Count > 0) throw new BadInputException(string.Join("; ", problems));
    }

    private Task<Operation> StartRewritingAsync(JobInfo job) => Operations().StartAsync(
        OperationKind.RewriteVerdicts, job.Incarnation, job.PolicyRevision.ToString(CultureInfo.InvariantCulture));

    private IOperationsGrain Operations() => GrainFactory.GetGrain<IOperationsGrain>(this.GetPrimaryKeyString());

    private Task SaveAsync(LivingJob living) => State.SaveAsync(State.Value with { Living = living });
}

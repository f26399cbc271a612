using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Who has qualified for a job's tasks, as the gold of its classes says. A worker qualifies by the largest batch that any class has for it, for the whole
/// job; failing by any class stands for all of it. For one thread at a time; calls may overlap.
/// </summary>
internal sealed class JobQualification(IGrainFactory grains, Incarnation incarnation, TimeProvider time)
{
    /// <summary>Classes that are asked at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>How often a batch is asked for whose last place somebody else takes meanwhile.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Workers whose result is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedWorkers = 10_000;

    /// <summary>How long classes without gold are left alone, unless they report.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    private static readonly Qualification _granted = new(QualificationState.Passed, null, 0, 0, 0);
    private static readonly Qualification _refused = new(QualificationState.Failed, null, 0, 0, 0);

    private readonly SortedSet<Label> _classes = [];

    /// <summary>Results that are decided, and by the answers since when.</summary>
    private readonly Dictionary<WorkerId, (SubmissionTime Since, Qualification Result)> _known = [];

    private long? _lookedAt;

    /// <summary>A class has gold.</summary>
    public void Add(Label label) => _classes.Add(label);

    /// <summary>How far a worker is. Where there is no gold nobody can qualify.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="labels">All classes of the job: those that are not known to have gold are asked now and then, where there is no batch.</param>
    /// <param name="ruling">What an operator decided about the worker; null for nothing.</param>
    public async Task<Qualification> OfAsync(WorkerId worker, IReadOnlyCollection<Label> labels, QualificationRuling? ruling) => (await FindAsync(worker, labels, ruling)).Found;

    /// <summary>The same, and the batch, where there is one, is kept for the worker.</summary>
    /// <inheritdoc cref="OfAsync" path="/param"/>
    public async Task<Qualification> HoldAsync(WorkerId worker, IReadOnlyCollection<Label> labels, QualificationRuling? ruling)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (found, of) = await FindAsync(worker, labels, ruling);
            if (found.Task is not { } task || await Gold(of!.Value).HoldAsync(task, worker)) return found;
            // Others have been quicker, each time.
            if (attempt == MaxAttempts) return found with { Task = null, BatchImages = 0 };
        }
    }

    /// <returns>How far the worker is, and the class of the batch, where there is one.</returns>
    private async Task<(Qualification Found, Label? Of)> FindAsync(WorkerId worker, IReadOnlyCollection<Label> labels, QualificationRuling? ruling)
    {
        if (ruling is { Decision: QualificationDecision.Granted }) return (_granted, null);
        if (ruling is { Decision: QualificationDecision.Refused }) return (_refused, null);
        var since = ruling?.Since ?? SubmissionTime.None;
        if (_known.TryGetValue(worker, out var known) && known.Since == since) return (known.Result, null);
        var best = await AskAsync(worker, [.. _classes], since);
        if (best.Found is not { State: QualificationState.Open, Task: null } || (_lookedAt is { } at && time.GetElapsedTime(at) < _rest)) return best;
        // The report of a class's first gold may have got lost.
        _lookedAt = time.GetTimestamp();
        var fresh = new List<Label>();
        foreach (var some in labels.Except(_classes).ToList().Chunk(ClassesAtOnce))
            foreach (var (label, hasGold) in some.Zip(await Task.WhenAll(some.Select(label => grains.GetGrain<IClassGrain>(new ClassAddress(incarnation, label).Key).HasGoldAsync()))))
                if (hasGold) fresh.Add(label);
        _classes.UnionWith(fresh);
        return fresh.Count == 0 ? best : await AskAsync(worker, fresh, since);
    }

    private async Task<(Qualification Found, Label? Of)> AskAsync(WorkerId worker, IReadOnlyCollection<Label> labels, SubmissionTime since)
    {
        (Qualification Found, Label? Of) best = (new Qualification(QualificationState.Open, null, 0, 0, 0), null);
        Qualification? decided = null;
        foreach (var some in labels.Chunk(ClassesAtOnce))
        {
            foreach (var (label, found) in some.Zip(await Task.WhenAll(some.Select(label => AskAsync(Gold(label), worker, since)))))
            {
                // The greater of the two is failed.
                if (found is { State: not QualificationState.Open } && (decided is null || found.State > decided.State)) decided = found;
                if (found?.BatchImages > best.Found.BatchImages) best = (found, label);
            }
        }
        if (decided is null) return best;
        if (_known.Count >= MaxRememberedWorkers) _known.Clear();
        _known[worker] = (since, decided);
        return (decided, null);
    }

    /// <summary>As a silo of the release before understands it, where that is enough.</summary>
    private static Task<Qualification?> AskAsync(IPartitionGrain gold, WorkerId worker, SubmissionTime since) =>
        since == SubmissionTime.None ? gold.QualifyAsync(worker) : gold.QualifyAsync(worker, since);

    private IPartitionGrain Gold(Label label) => grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(new ClassAddress(incarnation, label)).Key);
}

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

    /// <summary>Workers whose result is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedWorkers = 10_000;

    /// <summary>How long classes without gold are left alone, unless they report.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    private readonly SortedSet<Label> _classes = [];
    private readonly Dictionary<WorkerId, Qualification> _known = [];
    private long? _lookedAt;

    /// <summary>A class has gold.</summary>
    public void Add(Label label) => _classes.Add(label);

    /// <summary>How far a worker is. Where there is no gold nobody can qualify.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="labels">All classes of the job: those that are not known to have gold are asked now and then, where there is no batch.</param>
    public async Task<Qualification> OfAsync(WorkerId worker, IReadOnlyCollection<Label> labels)
    {
        if (_known.TryGetValue(worker, out var known)) return known;
        var found = await AskAsync(worker, [.. _classes]);
        if (found is not { State: QualificationState.Open, Task: null } || (_lookedAt is { } at && time.GetElapsedTime(at) < _rest)) return found;
        // The report of a class's first gold may have got lost.
        _lookedAt = time.GetTimestamp();
        var fresh = new List<Label>();
        foreach (var some in labels.Except(_classes).ToList().Chunk(ClassesAtOnce))
            foreach (var (label, hasGold) in some.Zip(await Task.WhenAll(some.Select(label => grains.GetGrain<IClassGrain>(new ClassAddress(incarnation, label).Key).HasGoldAsync()))))
                if (hasGold) fresh.Add(label);
        _classes.UnionWith(fresh);
        return fresh.Count == 0 ? found : await AskAsync(worker, fresh);
    }

    private async Task<Qualification> AskAsync(WorkerId worker, IReadOnlyCollection<Label> labels)
    {
        var best = new Qualification(QualificationState.Open, null, 0, 0, 0);
        Qualification? decided = null;
        foreach (var some in labels.Chunk(ClassesAtOnce))
        {
            foreach (var found in await Task.WhenAll(some.Select(label => grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(new ClassAddress(incarnation, label)).Key).QualifyAsync(worker))))
            {
                // The greater of the two is failed.
                if (found is { State: not QualificationState.Open } && (decided is null || found.State > decided.State)) decided = found;
                if (found?.BatchImages > best.BatchImages) best = found;
            }
        }
        if (decided is null) return best;
        if (_known.Count >= MaxRememberedWorkers) _known.Clear();
        return _known[worker] = decided;
    }
}

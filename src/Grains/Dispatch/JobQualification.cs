using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Who has qualified for a job's tasks, as the gold of its classes says. A worker qualifies by any class, for the whole job.</summary>
internal sealed class JobQualification(IGrainFactory grains, Incarnation incarnation)
{
    /// <summary>Classes that are asked at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>Workers whose result is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedWorkers = 10_000;

    private readonly SortedSet<Label> _classes = [];
    private readonly Dictionary<WorkerId, Qualification> _known = [];

    /// <summary>Whether no class is known to have gold.</summary>
    public bool IsEmpty => _classes.Count == 0;

    /// <summary>A class has gold.</summary>
    public void Add(Label label) => _classes.Add(label);

    /// <summary>How far a worker is. Where there is no gold nobody can qualify.</summary>
    public async Task<Qualification> OfAsync(WorkerId worker)
    {
        if (_known.TryGetValue(worker, out var known)) return known;
        Qualification? open = null;
        foreach (var some in _classes.ToList().Chunk(ClassesAtOnce))
        {
            var found = (await Task.WhenAll(some.Select(label => grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(new ClassAddress(incarnation, label)).Key).QualifyAsync(worker)))).OfType<Qualification>().ToList();
            if (found.Where(one => one.State != QualificationState.Open).MinBy(one => one.State) is { } result)
            {
                if (_known.Count >= MaxRememberedWorkers) _known.Clear();
                return _known[worker] = result;
            }
            open ??= found.Find(one => one.Task is not null) ?? found.FirstOrDefault();
        }
        return open ?? new Qualification(QualificationState.Open, null, 0, 0);
    }
}

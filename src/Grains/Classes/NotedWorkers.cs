using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// Who answers in which job, noted in the fact store: once a worker and job for all partitions of a silo, as long as it lives. Thread-safe.
/// </summary>
public sealed class NotedWorkers(IFactStore facts)
{
    /// <summary>Notes that are remembered; beyond that the memory starts afresh, and what is noted is noted once more.</summary>
    private const int MaxKnown = 100_000;

    /// <summary>Notes are never taken back but with the job, which is not answered any more then: what is known here stays true.</summary>
    private readonly ConcurrentDictionary<(Incarnation Job, WorkerId Worker), bool> _known = new();

    private int _count;

    /// <summary>Whether this silo has noted that the worker answers in the job.</summary>
    public bool Knows(Incarnation job, WorkerId worker) => _known.ContainsKey((job, worker));

    /// <summary>Notes those of the workers who are not known to be noted. Durable on return.</summary>
    /// <exception cref="StorageException">The store could not say that they are; try again.</exception>
    public async Task NoteAsync(Incarnation job, IEnumerable<WorkerId> workers)
    {
        var fresh = workers.Where(worker => !Knows(job, worker)).ToHashSet();
        if (fresh.Count == 0) return;
        await facts.WriteWorkersAsync(job, fresh);
        foreach (var worker in fresh)
        {
            if (!_known.TryAdd((job, worker), true) || Interlocked.Increment(ref _count) <= MaxKnown) continue;
            _known.Clear();
            _count = 0;
        }
    }
}

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

    /// <summary>Notes that are being written: all partitions that a worker begins in at once wait for one.</summary>
    private readonly ConcurrentDictionary<(Incarnation Job, WorkerId Worker), Task<bool>> _underWay = new();

    private int _count;

    /// <summary>Whether this silo has noted that the worker answers in the job.</summary>
    public bool Knows(Incarnation job, WorkerId worker) => _known.ContainsKey((job, worker));

    /// <summary>Notes those of the workers who are not known to be noted. Durable on return.</summary>
    /// <exception cref="StorageException">The store could not say that they are; try again.</exception>
    public async Task NoteAsync(Incarnation job, IEnumerable<WorkerId> workers)
    {
        var fresh = workers.Where(worker => !Knows(job, worker)).ToHashSet();
        if (fresh.Count == 0) return;
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = fresh.Select(worker => (Worker: worker, Writing: _underWay.GetOrAdd((job, worker), written.Task))).ToList();
        var own = waits.Where(wait => wait.Writing == written.Task).Select(wait => wait.Worker).ToList();
        var isWritten = false;
        try
        {
            if (own.Count > 0) await facts.WriteWorkersAsync(job, own);
            isWritten = true;
            foreach (var worker in own) Remember(job, worker);
        }
        finally
        {
            foreach (var worker in own) _underWay.TryRemove((job, worker), out _);
            written.SetResult(isWritten);
        }
        foreach (var (worker, writing) in waits)
            if (writing != written.Task && !await writing) throw new StorageException($"that worker '{worker}' answers in {job} could not be noted; try again");
    }

    private void Remember(Incarnation job, WorkerId worker)
    {
        if (!_known.TryAdd((job, worker), true) || Interlocked.Increment(ref _count) <= MaxKnown) return;
        _known.Clear();
        _count = 0;
    }
}

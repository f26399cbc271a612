using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Which workers answered which of a partition's tasks, and which tasks are on loan. Hints, kept in memory: a task is
/// handed out only after a look at its rows, and an answer counts whatever the board says.
/// </summary>
internal sealed class TaskBoard(TimeSpan leaseDuration)
{
    private readonly Dictionary<TaskNumber, HashSet<WorkerId>> _answered = [];
    private readonly Dictionary<WorkerId, int> _answeredBy = [];
    private readonly Dictionary<TaskNumber, List<TaskLoan>> _leases = [];

    /// <summary>Who answered what, to be repeated by <see cref="Answered"/> elsewhere.</summary>
    public ImmutableArray<TaskAnswerers> Answers => [.. _answered.Keys.Select(task => new TaskAnswerers(task, WorkersOf(task)))];

    /// <summary>The leases, to be repeated by <see cref="Lend(TaskLoan)"/> elsewhere.</summary>
    public ImmutableArray<TaskLoan> Loans => [.. _leases.Values.SelectMany(leases => leases)];

    public int CountAnswered(WorkerId worker) => _answeredBy.GetValueOrDefault(worker);

    public ImmutableArray<WorkerId> WorkersOf(TaskNumber task) =>
        _answered.TryGetValue(task, out var workers) ? [.. workers.OrderBy(worker => worker.Value, StringComparer.Ordinal)] : [];

    /// <summary>Takes note that a worker answered every box of a task.</summary>
    public void Answered(TaskNumber task, WorkerId worker)
    {
        if (!_answered.TryGetValue(task, out var workers)) _answered[task] = workers = [];
        if (workers.Add(worker)) _answeredBy[worker] = CountAnswered(worker) + 1;
        if (!_leases.TryGetValue(task, out var leases)) return;
        leases.RemoveAll(lease => lease.Worker == worker);
        if (leases.Count == 0) _leases.Remove(task);
    }

    /// <summary>The task this worker holds, if its lease still runs.</summary>
    public (TaskNumber Task, DateTimeOffset ExpiresAt)? HeldBy(WorkerId worker, DateTimeOffset now)
    {
        foreach (var (task, leases) in _leases)
            foreach (var lease in leases)
                if (lease.Worker == worker && lease.ExpiresAt > now) return (task, lease.ExpiresAt);
        return null;
    }

    /// <summary>Whether a task still lacks an answer that neither this worker gave nor another one is about to give.</summary>
    public bool IsWanted(TaskNumber task, WorkerId worker, int workersPerTask, DateTimeOffset now)
    {
        _answered.TryGetValue(task, out var workers);
        if (workers?.Contains(worker) == true) return false;
        var onLoan = 0;
        if (_leases.TryGetValue(task, out var leases))
        {
            leases.RemoveAll(lease => lease.ExpiresAt <= now);
            onLoan = leases.Count(lease => lease.Worker != worker);
        }
        return (workers?.Count ?? 0) + onLoan < workersPerTask;
    }

    public DateTimeOffset Lend(TaskNumber task, WorkerId worker, DateTimeOffset now)
    {
        var loan = new TaskLoan(task, worker, now + leaseDuration);
        Lend(loan);
        return loan.ExpiresAt;
    }

    public void Lend(TaskLoan loan)
    {
        if (!_leases.TryGetValue(loan.Task, out var leases)) _leases[loan.Task] = leases = [];
        leases.RemoveAll(lease => lease.Worker == loan.Worker);
        leases.Add(loan);
    }
}

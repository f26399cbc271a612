namespace BulkQA.Core;

/// <content>
/// What workers are likely to be given next. Nothing is kept for anybody by it: as long as there are other tasks, others get those, and where there is none they get
/// this one.
/// </content>
public sealed partial class TaskDispatch
{
    /// <summary>Places that are looked at: where so many want nobody, it is not worth finding out.</summary>
    private const int MaxLooks = 1_000;

    private readonly Dictionary<WorkerId, (int Task, DateTimeOffset Until)> _aheadOf = [];

    /// <summary>Who was told of a task. Some may have been told of another since, or have it by now.</summary>
    private readonly Dictionary<int, HashSet<WorkerId>> _toldOf = [];

    /// <summary>
    /// The task that a worker is given here after the one it holds, unless another worker finds no other before: until that lease ends the same one again, and the one that
    /// the worker's next lease is of, as long as it wants an answer.
    /// </summary>
    /// <returns>Null where the worker does not hold the task, or nothing is found for it.</returns>
    public TaskNumber? LookAhead(TaskNumber held, WorkerId worker, DateTimeOffset now)
    {
        Sort();
        if (fold.Rules.IsSetAside(worker) || Find(held, worker, now) is not { } lease) return null;
        if (_aheadOf.TryGetValue(worker, out var told) && told.Until > now && IsFor(told.Task)) return new TaskNumber(told.Task);
        ForgetAheadOf(worker);
        var from = _placeOf.TryGetValue(worker, out var known) && known.Share is null ? Math.Max(_firstWanted, known.Place) : _firstWanted;
        var places = _freed.TakeWhile(place => place < from).Concat(Enumerable.Range(from, Math.Max(0, _order.Count - from))).Take(MaxLooks);
        if (places.FirstOrDefault(place => IsFor(_order[place]) && !IsAheadOfOthers(_order[place], worker, now), -1) is not (>= 0 and var found)) return null;
        if (_aheadOf.Count >= MaxPlaces) ForgetAhead();
        _aheadOf[worker] = (_order[found], lease.ExpiresAt);
        if (!_toldOf.TryGetValue(_order[found], out var workers)) _toldOf[_order[found]] = workers = [];
        workers.Add(worker);
        return new TaskNumber(_order[found]);

        bool IsFor(int task) => task != held.Value && IsWantedOf(task, worker, now);
    }

    /// <summary>What the worker was told of, which it is given now; null where it was told of nothing, or that is wanted of it no more.</summary>
    private TaskNumber? TakeAhead(WorkerId worker, DateTimeOffset now)
    {
        if (!_aheadOf.TryGetValue(worker, out var told)) return null;
        ForgetAheadOf(worker);
        return told.Until > now && IsWantedOf(told.Task, worker, now) ? new TaskNumber(told.Task) : null;
    }

    private bool IsWantedOf(int task, WorkerId worker, DateTimeOffset now) => Wants(task) && !fold.HasAnswered(new TaskNumber(task), worker) && !IsPassed(task, worker, now);

    /// <summary>Whether a task lacks no more answers than other workers have been told that they may give.</summary>
    private bool IsAheadOfOthers(int task, WorkerId worker, DateTimeOffset now) => _toldOf.TryGetValue(task, out var workers)
        && fold.CountWhole(new TaskNumber(task)) + (_leases.TryGetValue(task, out var leases) ? leases.Count : 0) + workers.Count(other => other != worker && _aheadOf.TryGetValue(other, out var told) && told.Task == task && told.Until > now) >= workersPerTask;

    /// <summary>What a worker was told of lasts as long as its lease does.</summary>
    private void KeepAheadOf(WorkerId worker, DateTimeOffset until)
    {
        if (_aheadOf.TryGetValue(worker, out var told)) _aheadOf[worker] = (told.Task, until);
    }

    private void ForgetAheadOf(WorkerId worker)
    {
        if (!_aheadOf.Remove(worker, out var told) || !_toldOf.TryGetValue(told.Task, out var workers)) return;
        workers.Remove(worker);
        if (workers.Count == 0) _toldOf.Remove(told.Task);
    }

    private void ForgetAhead()
    {
        _aheadOf.Clear();
        _toldOf.Clear();
    }
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// The tasks of a partition that still want answers, in the order in which they are handed out, and who holds which. A lease
/// costs the same however many tasks there are: each worker has a place in the order before which nothing is left for it, and
/// what becomes free again behind that place is kept apart. For one thread at a time.
/// </summary>
/// <param name="fold">The partition's; it says who has answered what.</param>
/// <param name="workersPerTask">How many workers each task wants.</param>
/// <param name="order">In which order tasks are handed out.</param>
/// <param name="leaseDuration">How long a task is kept for a worker.</param>
public sealed partial class TaskDispatch(PartitionFold fold, int workersPerTask, TaskOrder order, TimeSpan leaseDuration)
{
    /// <summary>In the place of all indices of buckets, for <see cref="Skip"/>.</summary>
    public const int EveryBucket = -1;

    /// <summary>How many times its duration a lease lasts at most, however often it is renewed.</summary>
    public const int MaxLeases = 6;

    /// <summary>A lease is renewed once it has lost this part of its duration: whoever asks all the time must not fill the memory with ends of leases.</summary>
    private const int RenewedParts = 20;

    /// <summary>Workers whose place is remembered; beyond that all begin at the first task again.</summary>
    private const int MaxPlaces = 10_000;

    /// <summary>Tasks that workers passed over; beyond that all may get theirs again.</summary>
    private const int MaxPasses = 10_000;

    private readonly List<int> _order = [];
    private readonly Dictionary<WorkerId, (int Place, TeamShare? Share)> _placeOf = [];
    private readonly Dictionary<int, List<Lease>> _leases = [];
    private readonly Dictionary<WorkerId, Lease> _heldBy = [];
    private readonly PriorityQueue<Lease, DateTimeOffset> _expiries = new();

    /// <summary>Until when a worker does not get a task that it passed over.</summary>
    private readonly Dictionary<(int Task, WorkerId Worker), DateTimeOffset> _passes = [];

    /// <summary>The places of tasks that became free again, by a lease that ended or a worker who passed, in order.</summary>
    private readonly SortedSet<int> _freed = [];

    private bool _isSorted = true;

    /// <summary>By the index of a bucket whether nothing more is wanted of it; empty where something is of every one.</summary>
    private bool[] _skipped = [];

    /// <summary>Places before this one want no worker at all.</summary>
    private int _firstWanted;

    /// <summary>The leases that have not ended, to be repeated by <see cref="Restore"/> elsewhere.</summary>
    public IEnumerable<Lease> Leases => _heldBy.Values;

    /// <summary>Takes a new task over; it goes to the end, or where its value puts it. With it others may come into the sample.</summary>
    public void Add(TaskNumber task)
    {
        _order.Add(task.Value);
        _isSorted &= !fold.IsSampling && !order.ByValue && (_order.Count < 2 || _order[^2] < task.Value);
    }

    /// <summary>What was known of who wants whom is to be found out anew: other workers' votes count from now on.</summary>
    public void LookAgain() => _isSorted = false;

    /// <summary>The buckets that tasks are no longer handed out of, as <see cref="Skip"/> was told.</summary>
    public ImmutableArray<int> Skipped { get; private set; } = [];

    /// <summary>
    /// Of these buckets no more is wanted, and of all others everything again. A task is not handed out once all its images lie in such buckets; who
    /// holds it may finish.
    /// </summary>
    /// <param name="buckets">Their indices in any order; <see cref="EveryBucket"/> for all.</param>
    /// <returns>Whether that is a change.</returns>
    public bool Skip(ImmutableArray<int> buckets)
    {
        if (buckets.AsSpan().SequenceEqual(Skipped.AsSpan())) return false;
        Skipped = buckets;
        _skipped = [];
        if (!buckets.IsEmpty)
        {
            _skipped = new bool[fold.BucketCount];
            foreach (var bucket in buckets)
                if (bucket == EveryBucket) Array.Fill(_skipped, true);
                else _skipped[bucket] = true;
        }
        LookAgain();
        return true;
    }

    /// <summary>How many tasks lack answers and are not handed out any more.</summary>
    public int CountSkipped() => _skipped.Length == 0 ? 0 : _order.Count(task => !fold.IsDone(new TaskNumber(task)) && IsSkipped(task));

    /// <summary>The task this worker holds, or the first that wants its answer; null where there is none, and for a worker whose votes are set aside.</summary>
    /// <param name="worker">Who asks.</param>
    /// <param name="now">The time.</param>
    /// <param name="share">What the worker's team may give to each task; null where that does not matter. <see cref="UnknownTeams"/> must be empty otherwise.</param>
    public Lease? Lease(WorkerId worker, DateTimeOffset now, TeamShare? share = null)
    {
        Sort();
        Expire(now);
        if (fold.Rules.IsSetAside(worker)) return null;
        if (_heldBy.TryGetValue(worker, out var held))
        {
            if (!fold.HasAnswered(held.Task, worker)) return held;
            Return(held);
        }
        return ((share is null ? TakeAhead(worker, now) : null) ?? Find(worker, now, share)) is { } task ? Keep(NewLease(task, worker, now) with { Team = share?.Team }) : null;
    }

    /// <summary>Keeps a task for a worker whatever the order says; anew where the worker holds it. What it held before is free.</summary>
    public void Hold(TaskNumber task, WorkerId worker, DateTimeOffset now)
    {
        Sort();
        Expire(now);
        if (_heldBy.TryGetValue(worker, out var held) && held.Task != task) Return(held);
        Keep(NewLease(task, worker, now));
    }

    /// <summary>The task that a worker holds; null for none.</summary>
    public TaskNumber? HeldBy(WorkerId worker, DateTimeOffset now)
    {
        Expire(now);
        return _heldBy.TryGetValue(worker, out var held) ? held.Task : null;
    }

    /// <summary>The lease by which a worker holds a task; null where it does not, or does no longer.</summary>
    public Lease? Find(TaskNumber task, WorkerId worker, DateTimeOffset now)
    {
        Expire(now);
        return _heldBy.TryGetValue(worker, out var held) && held.Task == task ? held : null;
    }

    /// <summary>Keeps a task for the worker who holds it for as long as a lease lasts from now on, up to <see cref="Lease.EndsAt"/>.</summary>
    /// <returns>Null where the worker does not hold it, or does no longer.</returns>
    public Lease? Renew(TaskNumber task, WorkerId worker, DateTimeOffset now)
    {
        if (Find(task, worker, now) is not { } held) return null;
        if (RenewedUntil(now, leaseDuration, held.ExpiresAt, held.EndsAt) is not { } until) return held;
        KeepAheadOf(worker, until);
        return Keep(held with { ExpiresAt = until });
    }

    /// <summary>Until when a lease lasts that is renewed; null where it stays as it is.</summary>
    internal static DateTimeOffset? RenewedUntil(DateTimeOffset now, TimeSpan duration, DateTimeOffset expiresAt, DateTimeOffset endsAt)
    {
        var until = now + duration < endsAt ? now + duration : endsAt;
        return until - expiresAt >= duration / RenewedParts ? until : null;
    }

    /// <summary>Workers who hold a task, in no order.</summary>
    public IReadOnlyList<WorkerId> HoldersOf(TaskNumber task, DateTimeOffset now)
    {
        Expire(now);
        return _leases.TryGetValue(task.Value, out var leases) ? leases.ConvertAll(lease => lease.Worker) : [];
    }

    /// <summary>A worker can't answer a task now: others may have it, and this one gets others until <paramref name="until"/>.</summary>
    public void Pass(TaskNumber task, WorkerId worker, DateTimeOffset until)
    {
        if (!fold.Knows(task)) return;
        Sort();
        if (_leases.TryGetValue(task.Value, out var leases) && leases.Find(lease => lease.Worker == worker) is { Worker.Value: not null } lease) Return(lease);
        if (_passes.Count >= MaxPasses) _passes.Clear();
        _passes[(task.Value, worker)] = until;
        _freed.Add(PlaceOf(task));
    }

    /// <summary>Whether any worker who has answered nothing yet could get a task.</summary>
    public bool IsWanted(DateTimeOffset now)
    {
        Sort();
        Expire(now);
        while (_firstWanted < _order.Count && !Wants(_order[_firstWanted])) _firstWanted++;
        return _firstWanted < _order.Count || _freed.Any(place => Wants(_order[place]));
    }

    /// <summary>When the next lease ends; null where there is none.</summary>
    public DateTimeOffset? NextExpiry
    {
        get
        {
            for (; _expiries.TryPeek(out var lease, out var at); _expiries.Dequeue())
                if (IsOut(lease)) return at;
            return null;
        }
    }

    /// <summary>Goes on with a lease of another dispatch, unless its task is answered, or not known here.</summary>
    public void Restore(Lease lease)
    {
        if (fold.Knows(lease.Task) && !fold.HasAnswered(lease.Task, lease.Worker)) Keep(lease);
    }

    /// <summary>A worker has answered every image of a task.</summary>
    public void Answered(TaskNumber task, WorkerId worker)
    {
        NoteTeam(task, worker);
        // Its answer counts for nothing, and the task that it held lacks one again.
        if (fold.Rules.IsSetAside(worker)) Free(task);
        if (_leases.TryGetValue(task.Value, out var leases) && leases.Find(lease => lease.Worker == worker) is { Worker.Value: not null } lease) Return(lease);
    }

    /// <summary>A task is free again behind the places of those who have passed it.</summary>
    private void Free(TaskNumber task)
    {
        if (_isSorted) _freed.Add(PlaceOf(task));
    }

    private Lease NewLease(TaskNumber task, WorkerId worker, DateTimeOffset now) => new(task, worker, now + leaseDuration, now + (MaxLeases * leaseDuration));

    private Lease Keep(Lease lease)
    {
        if (!_leases.TryGetValue(lease.Task.Value, out var leases)) _leases[lease.Task.Value] = leases = [];
        leases.RemoveAll(other => other.Worker == lease.Worker);
        leases.Add(lease);
        _heldBy[lease.Worker] = lease;
        _expiries.Enqueue(lease, lease.ExpiresAt);
        return lease;
    }

    /// <summary>The first task in order that wants this worker's answer: at its place, or freed behind it. What others were told of comes last.</summary>
    private TaskNumber? Find(WorkerId worker, DateTimeOffset now, TeamShare? share) => Find(worker, now, share, true) ?? (_aheadOf.Count > 0 ? Find(worker, now, share, false) : null);

    private TaskNumber? Find(WorkerId worker, DateTimeOffset now, TeamShare? share, bool minds)
    {
        var next = FindPlace(worker, now, share, minds);
        var over = new List<int>();
        foreach (var place in _freed)
        {
            if (place >= next) break;
            if (!Wants(_order[place])) over.Add(place);
            else if (!fold.HasAnswered(new TaskNumber(_order[place]), worker) && !IsPassed(_order[place], worker, now) && Wants(_order[place], share) && !(minds && IsAheadOfOthers(_order[place], worker, now)))
            {
                next = place;
                break;
            }
        }
        _freed.ExceptWith(over);
        return next < _order.Count ? new TaskNumber(_order[next]) : null;
    }

    /// <summary>Moves a worker's place on to a task that wants its answer, or to the end.</summary>
    private int FindPlace(WorkerId worker, DateTimeOffset now, TeamShare? share, bool minds)
    {
        while (_firstWanted < _order.Count && !Wants(_order[_firstWanted])) _firstWanted++;
        var place = _placeOf.TryGetValue(worker, out var known) && known.Share == share ? Math.Max(_firstWanted, known.Place) : _firstWanted;
        for (; place < _order.Count; place++)
        {
            if (!Wants(_order[place]) || fold.HasAnswered(new TaskNumber(_order[place]), worker) || !Wants(_order[place], share)) continue;
            if (!IsPassed(_order[place], worker, now) && !(minds && IsAheadOfOthers(_order[place], worker, now))) break;
            // To be found once it is no longer passed over, or another's to come, behind the place.
            _freed.Add(place);
        }
        if (_placeOf.Count >= MaxPlaces && !_placeOf.ContainsKey(worker)) _placeOf.Clear();
        _placeOf[worker] = (place, share);
        return place;
    }

    /// <summary>Whether a worker gets other tasks than this one because it passed it over.</summary>
    public bool IsPassed(TaskNumber task, WorkerId worker, DateTimeOffset now) => IsPassed(task.Value, worker, now);

    private bool IsPassed(int task, WorkerId worker, DateTimeOffset now) => _passes.TryGetValue((task, worker), out var until) && until > now;

    private bool IsSkipped(int task) => _skipped.Length > 0 && fold.LiesWithin(new TaskNumber(task), _skipped);

    /// <summary>Whether a task is in the job's sample, is to be handed out, and lacks an answer that nobody is about to give.</summary>
    private bool Wants(int task) => fold.IsSampled(new TaskNumber(task)) && !IsSkipped(task) &&
        fold.CountWhole(new TaskNumber(task)) + (_leases.TryGetValue(task, out var leases) ? leases.Count : 0) < workersPerTask;

    private void Expire(DateTimeOffset now)
    {
        while (_expiries.TryPeek(out var lease, out var at) && at <= now)
        {
            _expiries.Dequeue();
            if (!IsOut(lease)) continue;
            Return(lease);
            _freed.Add(PlaceOf(lease.Task));
        }
    }

    private bool IsOut(Lease lease) => _leases.TryGetValue(lease.Task.Value, out var leases) && leases.Contains(lease);

    private void Return(Lease lease)
    {
        if (_heldBy.TryGetValue(lease.Worker, out var held) && held == lease) _heldBy.Remove(lease.Worker);
        if (!_leases.TryGetValue(lease.Task.Value, out var leases)) return;
        leases.Remove(lease);
        if (leases.Count == 0) _leases.Remove(lease.Task.Value);
    }

    private int PlaceOf(TaskNumber task) => order.ByValue ? _order.IndexOf(task.Value) : _order.BinarySearch(task.Value);

    private void Sort()
    {
        if (_isSorted) return;
        _isSorted = true;
        if (order.ByValue)
        {
            var values = _order.ConvertAll(task => (Task: task, Value: ValueOf(task)));
            values.Sort((left, right) => left.Value != right.Value ? right.Value.CompareTo(left.Value) : left.Task.CompareTo(right.Task));
            for (var place = 0; place < values.Count; place++) _order[place] = values[place].Task;
        }
        else
        {
            _order.Sort();
        }
        (_firstWanted, _isSorted) = (0, true);
        _placeOf.Clear();
        _placeOfTeam.Clear();
        _freed.Clear();
        ForgetAhead();
    }

    /// <summary>How many of a task's labels are wrong by their own confidence; an image without one counts half, and gold not at all.</summary>
    private double ValueOf(int task)
    {
        var (number, sum) = (new TaskNumber(task), 0.0);
        foreach (var (image, confidence) in fold.ConfidencesOf(number).ToArray().Index())
            if (fold.GoldOf(number, image) is null) sum += double.IsNaN(confidence) ? 0.5 : 1 - (confidence / 100);
        return sum;
    }
}

/// <summary>A task kept for a worker until <paramref name="ExpiresAt"/>, and until <paramref name="EndsAt"/> at most where it is renewed.</summary>
/// <param name="Team">The team that the answer is to count for; null for none.</param>
public readonly record struct Lease(TaskNumber Task, WorkerId Worker, DateTimeOffset ExpiresAt, DateTimeOffset EndsAt, TeamName? Team = null);

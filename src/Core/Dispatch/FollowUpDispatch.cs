using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// The images of a partition that are in doubt and that nobody is about to answer, in the order in which they became free, and which follow-ups workers hold. An
/// image is in one such follow-up at most, so that each further answer is asked for in view of the last. Gathering a follow-up costs the same however many images
/// there are: each worker has a place in the order before which nothing is left for it. For one thread at a time.
/// </summary>
/// <param name="fold">The partition's; it says which images are in doubt, and who has answered what.</param>
/// <param name="batchSize">How many images a follow-up has at most.</param>
/// <param name="leaseDuration">How long one is kept for a worker.</param>
public sealed class FollowUpDispatch(PartitionFold fold, int batchSize, TimeSpan leaseDuration)
{
    /// <summary>
    /// How long an image that is free waits for others to make a full batch with. As long as first answers come there are more doubts to come; but a worker who is slow
    /// with the last of them must not keep back what others could answer.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Workers of whom is remembered where they are; beyond that the memory starts afresh.</summary>
    private const int MaxWorkers = 10_000;

    /// <summary>Images that workers passed over; beyond that all may get theirs again.</summary>
    private const int MaxPasses = 100_000;

    /// <summary>Follow-ups that nobody answered and that are kept to be handed out again; beyond that they are gathered anew.</summary>
    private const int MaxUnused = 1_000;

    /// <summary>How many of them are looked at for a worker.</summary>
    private const int UnusedLooks = 8;

    /// <summary>From so many places on the order is tidied once more than half of them are void.</summary>
    private const int LeastTidied = 256;

    /// <summary>In the stead of a place: the image is in a follow-up that somebody holds.</summary>
    private const long Taken = -1;

    /// <summary>Images in order and since when they are free, void places among them: the one that <see cref="_placeOf"/> gives counts.</summary>
    private readonly List<(ImageSpot Spot, DateTimeOffset Since)> _order = [];

    private readonly Dictionary<ImageSpot, long> _placeOf = [];
    private readonly Dictionary<WorkerId, Seeker> _seekers = [];
    private readonly Dictionary<WorkerId, FollowUpLease> _heldBy = [];
    private readonly PriorityQueue<FollowUpLease, DateTimeOffset> _expiries = new();
    private readonly Queue<FollowUp> _unused = [];

    /// <summary>Until when a worker does not get an image of a follow-up that it passed over.</summary>
    private readonly Dictionary<(WorkerId Worker, ImageSpot Spot), DateTimeOffset> _passes = [];

    private readonly PriorityQueue<(WorkerId Worker, FollowUp FollowUp), DateTimeOffset> _passEnds = new();

    /// <summary>The place of the first in <see cref="_order"/>; places only grow.</summary>
    private long _first;

    /// <summary>Indices in <see cref="_order"/> before this one are void.</summary>
    private int _head;

    /// <summary>The time, as the last that told it did.</summary>
    private DateTimeOffset _now;

    /// <summary>The leases that have not ended, to be repeated by <see cref="Restore"/> elsewhere.</summary>
    public IEnumerable<FollowUpLease> Leases => _heldBy.Values;

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

    /// <summary>Whether any worker who has answered nothing yet could get an image.</summary>
    public bool IsWanted(DateTimeOffset now)
    {
        Expire(now);
        TakeOver();
        for (; _head < _order.Count && !IsFree(_order[_head].Spot, _first + _head); _head++)
            if (_placeOf.GetValueOrDefault(_order[_head].Spot, Taken) == _first + _head) _placeOf.Remove(_order[_head].Spot);
        return _head < _order.Count;
    }

    /// <summary>The follow-up that a worker holds and has not answered; null for none.</summary>
    public FollowUpLease? HeldBy(WorkerId worker, DateTimeOffset now)
    {
        Expire(now);
        Answered(worker);
        return _heldBy.GetValueOrDefault(worker);
    }

    /// <summary>The same, kept for as long as a lease lasts from now on, up to <see cref="FollowUpLease.EndsAt"/>; null where the worker does not hold it, or does no longer.</summary>
    public FollowUpLease? Renew(TaskNumber task, WorkerId worker, DateTimeOffset now) =>
        HeldBy(worker, now) is not { } held || held.FollowUp.Task != task ? null
            : TaskDispatch.RenewedUntil(now, leaseDuration, held.ExpiresAt, held.EndsAt) is { } until ? Keep(held with { ExpiresAt = until }) : held;

    /// <summary>A follow-up that is there and that nobody has answered, all of whose images are free for this worker; null for none.</summary>
    public FollowUp? FindUnused(WorkerId worker, DateTimeOffset now)
    {
        Expire(now);
        TakeOver();
        if (fold.Rules.IsSetAside(worker)) return null;
        for (var looks = Math.Min(UnusedLooks, _unused.Count); looks > 0; looks--)
        {
            var followUp = _unused.Dequeue();
            if (followUp.Images.All(spot => IsFree(spot) && MayAnswer(spot, worker))) return followUp;
            // Of one that is no longer wanted whole, what is left goes into others.
            if (followUp.Images.All(fold.IsInDoubt)) _unused.Enqueue(followUp);
        }
        return null;
    }

    /// <summary>
    /// Images in doubt that this worker has not answered, the first to become free first. They are taken until they are kept in a follow-up
    /// (<see cref="Keep(FollowUp, WorkerId, DateTimeOffset)"/>), or freed.
    /// </summary>
    /// <param name="worker">Who is to answer.</param>
    /// <param name="mayBeFew">Whether fewer than a full batch will do, however short the first of them has waited (<see cref="LongestWait"/>).</param>
    /// <param name="now">The time.</param>
    /// <returns>Empty where there are none, or too few.</returns>
    public ImmutableArray<ImageSpot> Find(WorkerId worker, bool mayBeFew, DateTimeOffset now)
    {
        Expire(now);
        TakeOver();
        if (fold.Rules.IsSetAside(worker)) return [];
        if (_seekers.Count >= MaxWorkers && !_seekers.ContainsKey(worker)) _seekers.Clear();
        if (!_seekers.TryGetValue(worker, out var seeker)) _seekers[worker] = seeker = new Seeker();
        seeker.Found.RemoveAll(found => !Suits(found.Spot, found.Place, worker));
        for (seeker.Next = Math.Max(seeker.Next, _first + _head); seeker.Found.Count < batchSize && seeker.Next < _first + _order.Count; seeker.Next++)
            if (_order[(int)(seeker.Next - _first)].Spot is var spot && Suits(spot, seeker.Next, worker)) seeker.Found.Add((spot, seeker.Next));
        if (seeker.Found.Count == 0) return [];
        if (seeker.Found.Count < batchSize && !mayBeFew && now - _order[(int)(seeker.Found[0].Place - _first)].Since < LongestWait) return [];
        var images = seeker.Found.Select(found => found.Spot).ToImmutableArray();
        seeker.Found.Clear();
        Take(images);
        return images;
    }

    /// <summary>The first images by task and index that are in doubt and that nobody is about to answer. They are not taken.</summary>
    /// <param name="answers">Only those that as many more workers may answer, or more.</param>
    /// <param name="after">Only those that come after this one; null for all.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="now">The time.</param>
    public ImmutableArray<ImageSpot> ListFree(int answers, ImageSpot? after, int most, DateTimeOffset now)
    {
        Expire(now);
        TakeOver();
        return [.. _order.Where((entry, index) => IsFree(entry.Spot, _first + index)).Select(entry => entry.Spot)
            .Where(spot => (after is not { } last || ByPlace(spot).CompareTo(ByPlace(last)) > 0) && fold.CountLeft(spot) >= answers).OrderBy(ByPlace).Take(most)];

        static (int Task, int Index) ByPlace(ImageSpot spot) => (spot.Task.Value, spot.Index);
    }

    /// <summary>Images that were taken come to be in no follow-up.</summary>
    public void Free(ImmutableArray<ImageSpot> images)
    {
        foreach (var spot in images)
            if (_placeOf.GetValueOrDefault(spot) == Taken) Append(spot);
    }

    /// <summary>A follow-up is there, and nobody holds it.</summary>
    public void LayBy(FollowUp followUp)
    {
        Free(followUp.Images);
        if (_unused.Count < MaxUnused) _unused.Enqueue(followUp);
    }

    /// <summary>Keeps a follow-up for a worker, who holds no other.</summary>
    public FollowUpLease Keep(FollowUp followUp, WorkerId worker, DateTimeOffset now) =>
        Keep(new FollowUpLease(followUp, worker, now + leaseDuration, now + (TaskDispatch.MaxLeases * leaseDuration)));

    /// <summary>Goes on with a lease of another dispatch, unless it is answered.</summary>
    public void Restore(FollowUpLease lease)
    {
        if (lease.FollowUp.Images.All(spot => spot.Index < fold.ImagesOf(spot.Task)) && !lease.FollowUp.Images.All(spot => fold.HasAnswered(spot, lease.Worker))) Keep(lease);
    }

    /// <summary>A worker has answered images: its follow-up is done once no image is left of it that is still in doubt.</summary>
    public void Answered(WorkerId worker)
    {
        if (_heldBy.TryGetValue(worker, out var held) && held.FollowUp.Images.All(spot => fold.HasAnswered(spot, worker) || !fold.IsInDoubt(spot))) Return(held);
    }

    /// <summary>A worker can't answer its follow-up now: others may have it, and this one gets others until <paramref name="until"/>.</summary>
    public void Pass(TaskNumber task, WorkerId worker, DateTimeOffset until)
    {
        if (!_heldBy.TryGetValue(worker, out var held) || held.FollowUp.Task != task) return;
        if (_passes.Count >= MaxPasses)
        {
            _passes.Clear();
            _passEnds.Clear();
            _seekers.Clear();
        }
        foreach (var spot in held.FollowUp.Images) _passes[(worker, spot)] = until;
        _passEnds.Enqueue((worker, held.FollowUp), until);
        Return(held);
        LayBy(held.FollowUp);
    }

    private FollowUpLease Keep(FollowUpLease lease)
    {
        Take(lease.FollowUp.Images);
        _heldBy[lease.Worker] = lease;
        _expiries.Enqueue(lease, lease.ExpiresAt);
        return lease;
    }

    private void Take(ImmutableArray<ImageSpot> images)
    {
        foreach (var spot in images) _placeOf[spot] = Taken;
    }

    private bool MayAnswer(ImageSpot spot, WorkerId worker) => !fold.HasAnswered(spot, worker) && !_passes.ContainsKey((worker, spot));

    private bool Suits(ImageSpot spot, long place, WorkerId worker) => IsFree(spot, place) && MayAnswer(spot, worker);

    private bool IsFree(ImageSpot spot) => _placeOf.TryGetValue(spot, out var place) && place != Taken && fold.IsInDoubt(spot);

    private bool IsFree(ImageSpot spot, long place) => _placeOf.TryGetValue(spot, out var at) && at == place && fold.IsInDoubt(spot);

    /// <summary>What has come into doubt since.</summary>
    private void TakeOver()
    {
        foreach (var spot in fold.TakeNewDoubts())
            if (!(_placeOf.TryGetValue(spot, out var place) && place == Taken)) Append(spot);
    }

    /// <summary>Puts an image to the end, if it is in doubt: those who have passed its place find it there.</summary>
    private void Append(ImageSpot spot)
    {
        _placeOf.Remove(spot);
        if (!fold.IsInDoubt(spot)) return;
        _placeOf[spot] = _first + _order.Count;
        _order.Add((spot, _now));
        if (_order.Count >= LeastTidied && _order.Count > 2 * _placeOf.Count) Tidy();
    }

    /// <summary>Leaves void places out. Everybody begins at the first again.</summary>
    private void Tidy()
    {
        var kept = _order.Where((entry, index) => _placeOf.GetValueOrDefault(entry.Spot, Taken) == _first + index).ToList();
        _first += _order.Count;
        _head = 0;
        _order.Clear();
        _seekers.Clear();
        foreach (var entry in kept)
        {
            if (fold.IsInDoubt(entry.Spot)) _order.Add(entry);
            else _placeOf.Remove(entry.Spot);
        }
        foreach (var (index, (spot, _)) in _order.Index()) _placeOf[spot] = _first + index;
    }

    private void Expire(DateTimeOffset now)
    {
        _now = now;
        while (_expiries.TryPeek(out var lease, out var at) && at <= now)
        {
            _expiries.Dequeue();
            if (!IsOut(lease)) continue;
            Return(lease);
            LayBy(lease.FollowUp);
        }
        for (; _passEnds.TryPeek(out var pass, out var at) && at <= now; _passEnds.Dequeue())
        {
            foreach (var key in pass.FollowUp.Images.Select(spot => (pass.Worker, spot)))
                if (_passes.TryGetValue(key, out var until) && until <= now) _passes.Remove(key);
            // Its place in the order is beyond them.
            _seekers.Remove(pass.Worker);
        }
    }

    private bool IsOut(FollowUpLease lease) => _heldBy.TryGetValue(lease.Worker, out var held) && ReferenceEquals(held, lease);

    private void Return(FollowUpLease lease)
    {
        _heldBy.Remove(lease.Worker);
        Free(lease.FollowUp.Images);
    }

    /// <summary>How far a worker is in the order, and what was found for it that is not yet a batch.</summary>
    private sealed class Seeker
    {
        public long Next;

        public List<(ImageSpot Spot, long Place)> Found { get; } = [];
    }
}

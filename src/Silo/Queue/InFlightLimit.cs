namespace BulkQA.Silo;

/// <summary>
/// Limits the images whose answers are being taken in to what storage and silos keep up with: where a message takes longer
/// than it should, the limit falls, and where it doesn't, it rises by and by (additive increase, multiplicative decrease, as in
/// Jacobson, "Congestion avoidance and control", 1988). So what waits, waits in the queue, and not in front of the calls
/// of people. Messages are let in in the order in which they asked. Thread-safe.
/// </summary>
internal sealed class InFlightLimit(QueueOptions options, TimeProvider time)
{
    /// <summary>The limit at first.</summary>
    private const int Cautious = 300;

    private const int Least = 100;

    /// <summary>Images by which the limit rises in the time in which as many images as it allows have come and gone.</summary>
    private const double Growth = 100;

    private const double Shrinkage = 0.7;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly double _most = options.MaxImagesInFlight;
    private double _limit = Math.Min(Cautious, options.MaxImagesInFlight);
    private long _shrunkAt = long.MinValue;
    private int _inFlight;

    /// <summary>Images that were let in and have not left.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Images that may be in flight at a time.</summary>
    public int Limit => (int)Volatile.Read(ref _limit);

    /// <summary>Waits until everybody who asked before was let in.</summary>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        using var permit = await EnterAsync(0, cancellation);
    }

    /// <summary>Waits to be let in; disposing what is returned leaves. A message of more images than the limit is let in when nothing else is in flight.</summary>
    /// <exception cref="OperationCanceledException">It was not in time.</exception>
    public async Task<Permit> EnterAsync(int images, CancellationToken cancellation)
    {
        var waiting = new Waiting(images);
        LinkedListNode<Waiting> place;
        lock (_lock)
        {
            place = _waiting.AddLast(waiting);
            Admit();
        }
        await using (cancellation.Register(() => Withdraw(place)))
            await waiting.Admitted.Task;
        return new Permit(this, images, time.GetTimestamp());
    }

    private void Withdraw(LinkedListNode<Waiting> place)
    {
        lock (_lock)
        {
            if (place.List is null) return;
            _waiting.Remove(place);
            Admit();
        }
        place.Value.Admitted.TrySetCanceled();
    }

    private void Admit()
    {
        while (_waiting.First is { } first && (_inFlight == 0 || _inFlight + first.Value.Images <= _limit))
        {
            _waiting.RemoveFirst();
            _inFlight += first.Value.Images;
            first.Value.Admitted.SetResult();
        }
    }

    private void Leave(int images, long enteredAt)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(enteredAt) > options.MergeTarget)
            {
                // Once for all that were in flight together.
                if (enteredAt > _shrunkAt) (_limit, _shrunkAt) = (Math.Max(Least, _limit * Shrinkage), time.GetTimestamp());
            }
            // A limit that nobody waits for is high enough.
            else if (_waiting.Count > 0)
            {
                _limit = Math.Min(_most, _limit + (Growth * images / _limit));
            }
            _inFlight -= images;
            Admit();
        }
    }

    private sealed record Waiting(int Images)
    {
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal readonly struct Permit(InFlightLimit limit, int images, long enteredAt) : IDisposable
    {
        public void Dispose() => limit.Leave(images, enteredAt);
    }
}

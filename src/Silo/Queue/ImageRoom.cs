namespace BulkQA.Silo;

/// <summary>
/// Room for images whose votes are being merged, as much as storage and silos take: where a message takes longer than it
/// should, there is less room, and where it doesn't, by and by more (additive increase, multiplicative decrease, as in
/// Jacobson, "Congestion avoidance and control", 1988). So what waits, waits in the queue, and not in front of the calls
/// of people. Messages enter in the order in which they asked. Thread-safe.
/// </summary>
internal sealed class ImageRoom(QueueOptions options, TimeProvider time)
{
    /// <summary>What the room holds at first.</summary>
    private const int Cautious = 300;

    private const int Least = 100;

    /// <summary>Images by which the room grows in the time it takes to be left and filled once.</summary>
    private const double Growth = 100;

    private const double Shrinkage = 0.7;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly double _most = options.MaxImagesInFlight;
    private double _size = Math.Min(Cautious, options.MaxImagesInFlight);
    private long _shrunkAt = long.MinValue;
    private int _inside;

    /// <summary>Images inside.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Images there is room for.</summary>
    public int Size => (int)Volatile.Read(ref _size);

    /// <summary>Waits until everybody who asked before is inside.</summary>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        using var stay = await EnterAsync(0, cancellation);
    }

    /// <summary>Waits for room; disposing what is returned leaves. A message larger than the room enters when nobody else is inside.</summary>
    /// <exception cref="OperationCanceledException">There was none in time.</exception>
    public async Task<Stay> EnterAsync(int images, CancellationToken cancellation)
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
        return new Stay(this, images, time.GetTimestamp());
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
        while (_waiting.First is { } first && (_inside == 0 || _inside + first.Value.Images <= _size))
        {
            _waiting.RemoveFirst();
            _inside += first.Value.Images;
            first.Value.Admitted.SetResult();
        }
    }

    private void Leave(int images, long enteredAt)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(enteredAt) > options.MergeTarget)
            {
                // Once for all that were inside together.
                if (enteredAt > _shrunkAt) (_size, _shrunkAt) = (Math.Max(Least, _size * Shrinkage), time.GetTimestamp());
            }
            // Room that nobody waits for is enough as it is.
            else if (_waiting.Count > 0)
            {
                _size = Math.Min(_most, _size + (Growth * images / _size));
            }
            _inside -= images;
            Admit();
        }
    }

    private sealed record Waiting(int Images)
    {
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal readonly struct Stay(ImageRoom room, int images, long enteredAt) : IDisposable
    {
        public void Dispose() => room.Leave(images, enteredAt);
    }
}

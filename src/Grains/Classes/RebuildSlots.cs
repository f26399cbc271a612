using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>Bounds how many partitions of this silo read their rows at the same time.</summary>
public sealed class RebuildSlots(IOptions<GrainsOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentRebuilds);

    /// <summary>Waits for a slot; disposing what is returned frees it.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        return new Slot(_slots);
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}

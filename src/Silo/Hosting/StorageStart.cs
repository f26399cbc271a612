namespace BulkQA.Silo;

/// <summary>Opens storage when the process starts, so that what is wrong with it is said at once. All that are registered, in turn.</summary>
public sealed class StorageStart(Func<CancellationToken, Task> open)
{
    /// <exception cref="Storage.StorageException">The storage can't be used; the message says why.</exception>
    public Task OpenAsync(CancellationToken cancellation = default) => open(cancellation);
}

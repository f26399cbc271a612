using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// Objects by bucket and key. Every method may be called from any thread. Keys that could leave the store's root, or that
/// it can't hold, throw <see cref="BadInputException"/>; trouble of the store throws <see cref="StorageException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Writes or replaces an object. Readers see the old content or the new, never a mixture; durable on return.</summary>
    Task WriteAsync(ObjectUri uri, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>
    /// Writes or replaces an object with what is left of a stream, in memory that does not depend on how much that is.
    /// Otherwise like the other.
    /// </summary>
    /// <param name="uri">Where to.</param>
    /// <param name="content">Can seek, because a write that failed on the way begins anew; stays open.</param>
    /// <param name="cancellation">Ends the write; the old content stands then.</param>
    Task WriteAsync(ObjectUri uri, Stream content, CancellationToken cancellation = default);

    /// <summary>What is known of an object without its content; null where there is none.</summary>
    Task<ObjectInfo?> FindAsync(ObjectUri uri, CancellationToken cancellation = default);

    /// <summary>The object's content, for the caller to dispose; null where there is none.</summary>
    Task<Stream?> OpenReadAsync(ObjectUri uri, CancellationToken cancellation = default);

    /// <summary>The objects whose key begins with the given one, in no order.</summary>
    IAsyncEnumerable<ObjectUri> ListAsync(ObjectUri prefix, CancellationToken cancellation = default);

    /// <summary>Deletes an object; nothing happens where there is none.</summary>
    Task DeleteAsync(ObjectUri uri, CancellationToken cancellation = default);

    /// <summary>
    /// A URL that whoever has it may read the object at until <paramref name="lifetime"/> has passed; null where the
    /// store serves nobody but this process.
    /// </summary>
    Uri? Presign(ObjectUri uri, TimeSpan lifetime);
}

/// <param name="Length">In bytes.</param>
/// <param name="Version">Another one after the object was written with another content; opaque.</param>
public readonly record struct ObjectInfo(long Length, string Version);

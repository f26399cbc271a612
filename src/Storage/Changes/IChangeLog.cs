using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// Who changed what, for as long as the deployment keeps it. Every method may be called from any thread at any time. What a completed
/// call wrote is durable and visible to every later read.
/// </summary>
public interface IChangeLog
{
    /// <summary>Writes a record, over the one of the same position. Atomic, idempotent.</summary>
    Task WriteAsync(ChangeRecord record, CancellationToken cancellation = default);

    /// <summary>Takes a record out whose change was not made. Idempotent.</summary>
    Task RemoveAsync(ChangePosition position, CancellationToken cancellation = default);

    /// <summary>Records, the latest first.</summary>
    /// <param name="before">Only those before this one; null for all.</param>
    /// <param name="from">None that was asked for before this time.</param>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<ChangeRecord> ReadAsync(ChangePosition? before, DateTimeOffset from, CancellationToken cancellation = default);

    /// <summary>Deletes records that were asked for before a time, the oldest first, up to <paramref name="limit"/>.</summary>
    /// <returns>How many; fewer than the limit means that none is left.</returns>
    Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellation = default);
}

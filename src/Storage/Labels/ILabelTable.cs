using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// The label table: one row an image, for readers outside. A projection of the facts that lags behind them, and that can be
/// written anew at any time; BulkQA itself never reads it. Every method may be called from any thread at any time.
/// </summary>
public interface ILabelTable
{
    /// <summary>Writes rows of one class over whatever is there. Idempotent; each row is atomic, the call as a whole need not be.</summary>
    Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default);

    /// <summary>The row; null where there is none.</summary>
    Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default);

    /// <summary>Deletes up to <paramref name="limit"/> rows of a class.</summary>
    /// <returns>How many; fewer than the limit means that none is left.</returns>
    Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default);
}

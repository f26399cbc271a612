using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// The label table: one row an image. Every method may be called from any thread at any time. What a completed call
/// wrote is durable and visible to every later read. A call that throws <see cref="StorageException"/> may or may not
/// have written: read the row to know. Cancelling a call leaves the same doubt.
/// </summary>
public interface ILabelTable
{
    /// <summary>The row, strongly consistent; null where there is none.</summary>
    Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default);

    /// <summary>Many rows of one class, none asked for twice, each strongly consistent; null where there is none.</summary>
    /// <returns>One an address, in their order.</returns>
    async Task<IReadOnlyList<LabelRow?>> ReadAsync(IReadOnlyList<ImageAddress> addresses, CancellationToken cancellation = default) =>
        await Task.WhenAll(addresses.Select(address => ReadAsync(address, cancellation)));

    /// <summary>
    /// Inserts the rows whose address is free and leaves those that exist untouched, so that repeating it is harmless.
    /// Each row is atomic; the call as a whole need not be.
    /// </summary>
    /// <returns>For each row whether it was inserted.</returns>
    Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default);

    /// <summary>Replaces the row if it exists at <paramref name="expectedVersion"/>. Atomic.</summary>
    /// <returns>False where it does not exist or has another version.</returns>
    Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default);

    /// <summary>
    /// <see cref="UpdateAsync(LabelRow, int, CancellationToken)"/> of many rows, none twice, each one version after what is
    /// stored, and with a value for all that has one there. Each row is atomic; the call as a whole need not be.
    /// </summary>
    /// <returns>For each row whether it was replaced.</returns>
    async Task<IReadOnlyList<bool>> UpdateAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        await Task.WhenAll(rows.Select(row => UpdateAsync(row, row.Version - 1, cancellation)));

    /// <summary>
    /// The rows of a shard in the order of their URLs' UTF-8 bytes, strongly consistent, beginning after
    /// <paramref name="after"/>; at most <paramref name="limit"/>, perhaps fewer.
    /// </summary>
    Task<RowPage> ScanAsync(
        ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Which images have this URL, in any job. By an index that may lag behind the rows and may still name deleted ones:
    /// read the rows.
    /// </summary>
    /// <param name="url">Compared ordinally.</param>
    /// <param name="cursor">Null for the first page, then <see cref="AddressPage.Next"/>.</param>
    /// <param name="limit">At most that many.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="BadInputException">The cursor is not one of this table.</exception>
    Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default);

    /// <summary>Deletes up to <paramref name="limit"/> rows of a shard, whatever their version.</summary>
    /// <returns>How many; fewer than the limit means that none is left.</returns>
    Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default);
}

/// <param name="Rows">May be empty though there is more.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record RowPage(IReadOnlyList<LabelRow> Rows, ImageUrl? Next);

/// <inheritdoc cref="RowPage"/>
public sealed record AddressPage(IReadOnlyList<ImageAddress> Addresses, string? Next);

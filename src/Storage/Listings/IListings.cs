namespace BulkQA.Storage;

/// <summary>
/// Named listings of keys in order, of any size: what grains are there, for those who list them. A key says that there may be such a grain, and not more:
/// it is put in before the grain stores that it belongs there, and may stay when it no longer does, so that whoever lists asks the grain.
/// Every method may be called from any thread at any time. What a completed call wrote is durable and visible to every later read.
/// </summary>
public interface IListings
{
    /// <summary>The greatest length of a listing's name or of a key, in UTF-8.</summary>
    const int MaxBytes = 900;

    /// <summary>Puts a key in. Idempotent.</summary>
    Task AddAsync(string listing, string key, CancellationToken cancellation = default);

    /// <summary>Takes a key out, where it is there. Idempotent.</summary>
    Task RemoveAsync(string listing, string key, CancellationToken cancellation = default);

    /// <summary>Keys in the order of their UTF-8 bytes.</summary>
    /// <param name="listing">Its name; one that nothing was put into is empty.</param>
    /// <param name="prefix">What they begin with; empty for all.</param>
    /// <param name="after">Only those after this one; null for all.</param>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<string> ReadAsync(string listing, string prefix, string? after, CancellationToken cancellation = default);
}

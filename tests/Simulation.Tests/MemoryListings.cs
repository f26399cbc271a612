using System.Collections.Concurrent;
using System.Text;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>Listings in memory, held to what every one must do (<see cref="MemoryListingsTests"/>).</summary>
internal sealed class MemoryListings : IListings
{
    private readonly ConcurrentDictionary<(string Listing, string Key), bool> _keys = [];

    /// <summary>Those that have any key.</summary>
    public IEnumerable<string> Names => _keys.Keys.Select(entry => entry.Listing).Distinct();

    public Task AddAsync(string listing, string key, CancellationToken cancellation = default)
    {
        _keys[(listing, key)] = true;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string listing, string key, CancellationToken cancellation = default)
    {
        _keys.TryRemove((listing, key), out _);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<string> ReadAsync(string listing, string prefix, string? after, CancellationToken cancellation = default) =>
        _keys.Keys.Where(entry => entry.Listing == listing && entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => entry.Key)
            .Where(key => after is null || string.CompareOrdinal(BytesOf(key), BytesOf(after)) > 0).OrderBy(BytesOf, StringComparer.Ordinal).ToAsyncEnumerable();

    private static string BytesOf(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));
}

public sealed class MemoryListingsTests : ListingsCompliance
{
    protected override IListings Listings { get; } = new MemoryListings();
}

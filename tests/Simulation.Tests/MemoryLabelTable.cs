using System.Collections.Concurrent;
using System.Text;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>A label table in memory, held to what every label table must do (<see cref="MemoryLabelTableTests"/>).</summary>
internal sealed class MemoryLabelTable : ILabelTable
{
    private static readonly Comparer<string> _byBytes = Comparer<string>.Create((left, right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    private readonly ConcurrentDictionary<string, SortedDictionary<string, LabelRow>> _shards = [];
    private readonly ConcurrentDictionary<(string Url, string Key), ImageAddress> _byUrl = [];

    public bool IsEmpty => _byUrl.IsEmpty;

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        Task.FromResult(With(address.RowKey, shard => shard.GetValueOrDefault(address.Url.Value)));

    public Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<bool>>([.. rows.Select(row =>
        {
            _byUrl[(row.Address.Url.Value, row.Address.RowKey)] = row.Address;
            return With(row.Address.RowKey, shard => shard.TryAdd(row.Address.Url.Value, row));
        })]);

    public Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default) =>
        Task.FromResult(With(row.Address.RowKey, shard =>
        {
            if (!shard.TryGetValue(row.Address.Url.Value, out var stored) || stored.Version != expectedVersion) return false;
            shard[row.Address.Url.Value] = row;
            return true;
        }));

    public Task<RowPage> ScanAsync(ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default) =>
        Task.FromResult(With(address.RowKey(shard), rows =>
        {
            var found = rows.Where(row => after is not { } url || _byBytes.Compare(row.Key, url.Value) > 0).Take(limit).Select(row => row.Value).ToList();
            return new RowPage(found, found.Count < limit ? null : found[^1].Address.Url);
        }));

    public Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default)
    {
        if (cursor is not null) _ = ClassAddress.ParseSharded(cursor);
        var found = _byUrl.Where(entry => entry.Key.Url == url.Value && string.CompareOrdinal(entry.Key.Key, cursor ?? "") > 0)
            .OrderBy(entry => entry.Key.Key, StringComparer.Ordinal).Take(limit).ToList();
        return Task.FromResult(new AddressPage([.. found.Select(entry => entry.Value)], found.Count < limit ? null : found[^1].Key.Key));
    }

    public Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default) =>
        Task.FromResult(With(address.RowKey(shard), rows =>
        {
            var urls = rows.Keys.Take(limit).ToList();
            foreach (var url in urls)
            {
                rows.Remove(url);
                _byUrl.TryRemove((url, address.RowKey(shard)), out _);
            }
            return urls.Count;
        }));

    private T With<T>(string key, Func<SortedDictionary<string, LabelRow>, T> work)
    {
        var shard = _shards.GetOrAdd(key, _ => new SortedDictionary<string, LabelRow>(_byBytes));
        lock (shard) return work(shard);
    }
}

public sealed class MemoryLabelTableTests : LabelTableCompliance
{
    protected override ILabelTable Table { get; } = new MemoryLabelTable();
}

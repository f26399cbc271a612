using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>A change log in memory, held to what every change log must do (<see cref="MemoryChangeLogTests"/>).</summary>
internal sealed class MemoryChangeLog : IChangeLog
{
    private readonly ConcurrentDictionary<ChangePosition, ChangeRecord> _records = [];

    public Task WriteAsync(ChangeRecord record, CancellationToken cancellation = default)
    {
        _records[record.Position] = record;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(ChangePosition position, CancellationToken cancellation = default)
    {
        _records.TryRemove(position, out _);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<ChangeRecord> ReadAsync(ChangePosition? before, DateTimeOffset from, CancellationToken cancellation = default) =>
        _records.Values.Where(record => record.Position.At >= from && (before is not { } end || string.CompareOrdinal(record.Position.Key, end.Key) < 0))
            .OrderByDescending(record => record.Position.Key, StringComparer.Ordinal).ToAsyncEnumerable();

    public Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellation = default) => Task.FromResult(
        _records.Keys.Where(position => position.At < before).OrderBy(position => position.Key, StringComparer.Ordinal).Take(limit).Count(position => _records.TryRemove(position, out _)));
}

public sealed class MemoryChangeLogTests : ChangeLogCompliance
{
    protected override IChangeLog Log { get; } = new MemoryChangeLog();
}

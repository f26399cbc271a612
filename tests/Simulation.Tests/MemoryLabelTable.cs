using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>A label table in memory, held to what every label table must do (<see cref="MemoryLabelTableTests"/>).</summary>
internal sealed class MemoryLabelTable : ILabelTable
{
    private readonly ConcurrentDictionary<ImageAddress, LabelRow> _rows = [];

    public bool IsEmpty => _rows.IsEmpty;

    public Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default)
    {
        foreach (var row in rows) _rows[new ImageAddress(address, row.Url)] = row;
        return Task.CompletedTask;
    }

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        Task.FromResult(_rows.GetValueOrDefault(address));

    public Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default) =>
        Task.FromResult(_rows.Keys.Where(key => key.Class == address).Take(limit).ToList().Count(key => _rows.TryRemove(key, out _)));
}

public sealed class MemoryLabelTableTests : LabelTableCompliance
{
    protected override ILabelTable Table { get; } = new MemoryLabelTable();
}

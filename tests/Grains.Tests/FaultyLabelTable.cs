using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>The real table, with faults where a test wants them.</summary>
public sealed class FaultyLabelTable(ILabelTable inner) : ILabelTable
{
    private int _writes;

    /// <summary>Runs before rows are written, such as to have that fail.</summary>
    public Func<IReadOnlyList<LabelRow>, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>How often rows were written.</summary>
    public int Writes => _writes;

    public async Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default)
    {
        await BeforeWrite(rows);
        Interlocked.Increment(ref _writes);
        await inner.WriteAsync(address, rows, cancellation);
    }

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) => inner.ReadAsync(address, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default) => inner.DeleteAsync(address, limit, cancellation);
}

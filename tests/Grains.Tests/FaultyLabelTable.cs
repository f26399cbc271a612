using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>What a faulty table does to one write.</summary>
public enum Fault
{
    None,

    /// <summary>Throws, nothing written: a full disk.</summary>
    Fail,

    /// <summary>Writes, then throws: the answer got lost.</summary>
    LoseAnswer,
}

/// <summary>The real table, with faults where a test wants them, and counts of what was asked.</summary>
public sealed class FaultyLabelTable(ILabelTable inner) : ILabelTable
{
    private int _scans;

    /// <summary>Decides the fate of each write, by the URL of its first row.</summary>
    public Func<ImageUrl, Fault> OnWrite { get; set; } = _ => Fault.None;

    /// <summary>Runs before each update, such as to let somebody else write first.</summary>
    public Func<LabelRow, Task> BeforeUpdate { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after each row that was read by itself, before it is handed out.</summary>
    public Func<ImageUrl, Task> AfterRead { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before each scan, such as to have it fail.</summary>
    public Action BeforeScan { get; set; } = () => { };

    public ConcurrentQueue<ImageUrl> Updates { get; } = [];

    public ConcurrentQueue<ImageUrl> Reads { get; } = [];

    public int Scans => _scans;

    public async Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default)
    {
        Reads.Enqueue(address.Url);
        var row = await inner.ReadAsync(address, cancellation);
        await AfterRead(address.Url);
        return row;
    }

    public Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        WriteAsync(rows[0].Address.Url, () => inner.InsertAsync(rows, cancellation));

    public async Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default)
    {
        await BeforeUpdate(row);
        Updates.Enqueue(row.Address.Url);
        return await WriteAsync(row.Address.Url, () => inner.UpdateAsync(row, expectedVersion, cancellation));
    }

    public Task<RowPage> ScanAsync(ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default)
    {
        Interlocked.Increment(ref _scans);
        BeforeScan();
        return inner.ScanAsync(address, shard, after, limit, cancellation);
    }

    public Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) =>
        inner.FindAsync(url, cursor, limit, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default) =>
        inner.DeleteAsync(address, shard, limit, cancellation);

    private async Task<T> WriteAsync<T>(ImageUrl url, Func<Task<T>> write)
    {
        var fault = OnWrite(url);
        if (fault == Fault.Fail) throw new StorageException("the disk is full (injected)");
        var result = await write();
        return fault == Fault.LoseAnswer ? throw new StorageException("the answer got lost (injected)") : result;
    }
}

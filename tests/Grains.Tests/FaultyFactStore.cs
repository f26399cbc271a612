using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>What a faulty store does to one fact.</summary>
public enum Fault
{
    None,

    /// <summary>Throws, nothing written: a full disk.</summary>
    Fail,

    /// <summary>Writes, then throws: the answer got lost.</summary>
    LoseAnswer,

    /// <summary>Throws, and writes when <see cref="FaultyFactStore.LandAsync"/> is called: the request is still under way.</summary>
    LandLate,
}

/// <summary>The real store, with faults where a test wants them, and counts of what was asked.</summary>
public sealed class FaultyFactStore(IFactStore inner) : IFactStore
{
    private readonly ConcurrentQueue<Func<Task>> _late = [];
    private readonly ConcurrentDictionary<PartitionAddress, int> _folds = new();
    private int _blockReads;
    private int _notes;

    /// <summary>Decides the fate of each submission. Where one of a call has a fault, the call throws.</summary>
    public Func<Submission, Fault> OnAppend { get; set; } = _ => Fault.None;

    /// <summary>Decides the fate of each adjudication. Where one of a call has a fault, the call throws.</summary>
    public Func<Adjudication, Fault> OnAdjudicate { get; set; } = _ => Fault.None;

    /// <summary>Decides the fate of each task. Where one of a call has a fault, the call throws.</summary>
    public Func<TaskContent, Fault> OnInsert { get; set; } = _ => Fault.None;

    /// <summary>Runs before submissions are written, such as to hold them up.</summary>
    public Func<IReadOnlyList<Submission>, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before workers are noted, such as to have that fail.</summary>
    public Func<IReadOnlyCollection<WorkerId>, Task> BeforeNote { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before new tasks are written, such as to let somebody else write first.</summary>
    public Func<IReadOnlyList<TaskContent>, Task> BeforeInsert { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a task is settled, such as to have that fail.</summary>
    public Func<TaskNumber, Task> BeforeSettle { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a partition's facts are read for a fold, such as to have that fail.</summary>
    public Func<PartitionAddress, Task> BeforeFold { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after the last of a partition's tasks was read, such as to hold up whoever reads.</summary>
    public Func<PartitionAddress, Task> AfterReadTasks { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a partition's head is read, such as to hold that up.</summary>
    public Func<PartitionAddress, Task> BeforeReadHead { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before the notes of the label table are read, such as to have that fail.</summary>
    public Action BeforeReadListed { get; set; } = () => { };

    /// <summary>
    /// Whether nothing is written any more: a silo of an in-process cluster tidies up even when killed, and a killed process
    /// doesn't.
    /// </summary>
    public bool IsCutOff { get; set; }

    /// <summary>What was written or was to be written, in the order of the calls.</summary>
    public ConcurrentQueue<Submission> Appended { get; } = [];

    public ConcurrentQueue<TaskNumber> Settled { get; } = [];

    /// <summary>How often a fold was made of any partition.</summary>
    public int Folds => _folds.Values.Sum();

    /// <summary>How often blocks were asked for.</summary>
    public int BlockReads => _blockReads;

    /// <summary>How many workers were to be noted, each time counted.</summary>
    public int Notes => _notes;

    /// <summary>How often a fold was made of a partition.</summary>
    public int FoldsOf(PartitionAddress partition) => _folds.GetValueOrDefault(partition);

    /// <summary>Has everything land that was under way.</summary>
    public async Task LandAsync()
    {
        while (_late.TryDequeue(out var write)) await write();
    }

    public async Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default)
    {
        await BeforeReadHead(partition);
        return await inner.ReadHeadAsync(partition, cancellation);
    }

    public Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.WriteHeadAsync(partition, head, expectedEpoch, cancellation);
    }

    public async Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default)
    {
        foreach (var submission in submissions) Appended.Enqueue(submission);
        await BeforeAppend(submissions);
        return await WriteAsync(submissions, OnAppend, some => inner.AppendAsync(partition, some, CancellationToken.None));
    }

    public Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default) =>
        WriteAsync(adjudications, OnAdjudicate, some => inner.AdjudicateAsync(partition, some, CancellationToken.None));

    public async Task<IReadOnlyList<TaskContent?>> InsertAsync(PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default)
    {
        await BeforeInsert(tasks);
        return await WriteAsync(tasks, OnInsert, some => inner.InsertAsync(partition, some, CancellationToken.None));
    }

    public async Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default)
    {
        RequireConnected();
        await BeforeSettle(task);
        Settled.Enqueue(task);
        return await inner.SettleAsync(partition, task, cancellation);
    }

    public async IAsyncEnumerable<TaskContent> ReadTasksAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var task in inner.ReadTasksAsync(partition, first, last, cancellation)) yield return task;
        await AfterReadTasks(partition);
    }

    public async IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(
        PartitionAddress partition, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        _folds.AddOrUpdate(partition, 1, (_, count) => count + 1);
        await BeforeFold(partition);
        await foreach (var task in inner.ReadOutlinesAsync(partition, cancellation)) yield return task;
    }

    public IAsyncEnumerable<Submission> ReadSubmissionsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        inner.ReadSubmissionsAsync(partition, first, last, cancellation);

    public IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        inner.ReadAdjudicationsAsync(partition, first, last, cancellation);

    public Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default) =>
        inner.FindAsync(address, urls, cancellation);

    public Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) => inner.FindAsync(url, cursor, limit, cancellation);

    public Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.WriteBlockAsync(incarnation, block, cancellation);
    }

    public Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default)
    {
        Interlocked.Increment(ref _blockReads);
        return inner.ReadBlocksAsync(incarnation, from, limit, cancellation);
    }

    public async Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default)
    {
        RequireConnected();
        Interlocked.Add(ref _notes, workers.Count);
        await BeforeNote(workers);
        await inner.WriteWorkersAsync(incarnation, workers, cancellation);
    }

    public IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default) => inner.ReadJobsAsync(worker, after, cancellation);

    public Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.WriteListedAsync(partition, tasks, cancellation);
    }

    public IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default)
    {
        BeforeReadListed();
        return inner.ReadListedAsync(partition, cancellation);
    }

    public Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.DeleteFactsAsync(partition, limit, cancellation);
    }

    public Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.DeleteHeadAsync(partition, cancellation);
    }

    public Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.DeletePlacesAsync(address, limit, cancellation);
    }

    public Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.DeleteBlocksAsync(incarnation, limit, cancellation);
    }

    public Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default)
    {
        RequireConnected();
        return inner.DeleteWorkersAsync(incarnation, limit, cancellation);
    }

    private async Task<TResult> WriteAsync<T, TResult>(IReadOnlyList<T> facts, Func<T, Fault> fateOf, Func<IReadOnlyList<T>, Task<TResult>> write)
    {
        RequireConnected();
        var fates = facts.ToLookup(fateOf);
        if (fates.All(fate => fate.Key == Fault.None)) return await write(facts);
        if (fates[Fault.None].Concat(fates[Fault.LoseAnswer]).ToList() is { Count: > 0 } written) await write(written);
        if (fates[Fault.LandLate].ToList() is { Count: > 0 } late) _late.Enqueue(() => write(late));
        throw new StorageException(fates.Contains(Fault.Fail) ? "the disk is full (injected)" : "the answer got lost (injected)");
    }

    private void RequireConnected()
    {
        if (IsCutOff) throw new StorageException("the silo is dead (injected)");
    }
}

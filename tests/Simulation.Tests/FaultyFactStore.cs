using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// The facts as one silo reaches them: calls fail, lose their answers and land late; batches break off half way; whoever reads
/// much reads it page by page, while others write.
/// </summary>
internal sealed class FaultyFactStore(IFactStore inner, SiloLife life) : IFactStore
{
    private const int PageSize = 7;

    /// <summary>That a batch breaks off, or a page after the first.</summary>
    private const double BreakRate = 0.04;

    public Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        ReadAsync(partition.Class.Incarnation, "head", () => inner.ReadHeadAsync(partition, cancellation));

    public Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default) =>
        WriteAsync(partition.Class.Incarnation, "writing a head", () => inner.WriteHeadAsync(partition, head, expectedEpoch, cancellation));

    public Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default) => WriteAsync(
        partition.Class.Incarnation, "append", () => inner.AppendAsync(partition, submissions, cancellation),
        plan => HalvesOf(plan, submissions, some => inner.AppendAsync(partition, some, cancellation)));

    public Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default) => WriteAsync(
        partition.Class.Incarnation, "adjudicate", () => inner.AdjudicateAsync(partition, adjudications, cancellation),
        plan => HalvesOf(plan, adjudications, some => inner.AdjudicateAsync(partition, some, cancellation)));

    public Task<IReadOnlyList<TaskContent?>> InsertAsync(PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default) => WriteAsync(
        partition.Class.Incarnation, "insert", () => inner.InsertAsync(partition, tasks, cancellation),
        plan => HalvesOf(plan, tasks, some => inner.InsertAsync(partition, some, cancellation)));

    public Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default) =>
        WriteAsync(partition.Class.Incarnation, "settle", () => inner.SettleAsync(partition, task, cancellation));

    public IAsyncEnumerable<TaskContent> ReadTasksAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        PagesAsync(partition, "tasks", first, from => inner.ReadTasksAsync(partition, from, last, cancellation), task => task.Number);

    public IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        PagesAsync(partition, "outlines", new TaskNumber(0), _ => inner.ReadOutlinesAsync(partition, cancellation), task => task.Task);

    /// <summary>In the order of some key, as stores have it: what is added behind a reader's back it will not see.</summary>
    public IAsyncEnumerable<Submission> ReadSubmissionsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) => PagesAsync(
        partition, "submissions", first, from => inner.ReadSubmissionsAsync(partition, from, last, cancellation), submission => submission.Task,
        submission => string.Create(CultureInfo.InvariantCulture, $"{submission.Worker}/{submission.At.UtcTicks:D19}/{submission.Answers}/{(int)submission.Source}/{(int)submission.Start}/{submission.Taken?.Ticks}"));

    public IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) => PagesAsync(
        partition, "adjudications", first, from => inner.ReadAdjudicationsAsync(partition, from, last, cancellation), adjudication => adjudication.Task,
        adjudication => string.Create(CultureInfo.InvariantCulture, $"{adjudication.Index:D3}/{adjudication.At.UtcTicks:D19}/{adjudication.Hash}"));

    public Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default) =>
        ReadAsync(address.Incarnation, "places", () => inner.FindAsync(address, urls, cancellation));

    public Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) =>
        inner.FindAsync(url, cursor, limit, cancellation);

    public async Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default) => await WriteAsync(incarnation, "block", async () =>
    {
        await inner.WriteBlockAsync(incarnation, block, cancellation);
        return true;
    });

    public Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default) =>
        ReadAsync(incarnation, "blocks", () => inner.ReadBlocksAsync(incarnation, from, limit, cancellation));

    public async Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default) => await WriteAsync(
        incarnation, "workers",
        async () =>
        {
            await inner.WriteWorkersAsync(incarnation, workers, cancellation);
            return true;
        },
        plan => HalvesOf(plan, [.. workers], some => inner.WriteWorkersAsync(incarnation, some, cancellation)));

    public IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default) => inner.ReadJobsAsync(worker, after, cancellation);

    public async Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default) => await WriteAsync(
        partition.Class.Incarnation, "listed",
        async () =>
        {
            await inner.WriteListedAsync(partition, tasks, cancellation);
            return true;
        },
        plan => HalvesOf(plan, tasks, some => inner.WriteListedAsync(partition, some, cancellation)));

    public IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        PagesAsync(partition, "listed", new TaskNumber(0), _ => inner.ReadListedAsync(partition, cancellation), state => state.Task);

    public Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default) => WriteAsync(
        partition.Class.Incarnation, "deleting facts", () => inner.DeleteFactsAsync(partition, limit, cancellation),
        plan => [() => inner.DeleteFactsAsync(partition, 1 + plan.Next(9), cancellation)]);

    public async Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) => await WriteAsync(partition.Class.Incarnation, "deleting a head", async () =>
    {
        await inner.DeleteHeadAsync(partition, cancellation);
        return true;
    });

    public Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default) =>
        WriteAsync(address.Incarnation, "deleting places", () => inner.DeletePlacesAsync(address, limit, cancellation));

    public Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default) =>
        WriteAsync(incarnation, "deleting blocks", () => inner.DeleteBlocksAsync(incarnation, limit, cancellation));

    public Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default) =>
        WriteAsync(incarnation, "deleting workers", () => inner.DeleteWorkersAsync(incarnation, limit, cancellation));

    private Task<T> ReadAsync<T>(Incarnation incarnation, string what, Func<Task<T>> read)
    {
        life.Require();
        return FaultPlan.Of(incarnation.Value) is { } plan ? plan.ReadAsync(what, read) : read();
    }

    /// <param name="incarnation">Whose facts.</param>
    /// <param name="what">For the message of an exception.</param>
    /// <param name="write">All of it.</param>
    /// <param name="parts">Of what can break off: the parts that are written before and, perhaps, after that; null for what is atomic.</param>
    private Task<T> WriteAsync<T>(Incarnation incarnation, string what, Func<Task<T>> write, Func<FaultPlan, Func<Task>[]>? parts = null)
    {
        life.Require();
        if (FaultPlan.Of(incarnation.Value) is not { } plan) return write();
        return plan.WriteAsync(what, async () =>
        {
            if (parts is null || !plan.Happens(BreakRate)) return await write();
            var all = parts(plan);
            await all[0]();
            if (plan.Repeats(2)) foreach (var rest in all[1..]) plan.LandLate(rest);
            throw new StorageException($"{what}: broke off half way (injected)");
        });
    }

    private static Func<Task>[] HalvesOf<T>(FaultPlan plan, IReadOnlyList<T> all, Func<IReadOnlyList<T>, Task> write)
    {
        var some = plan.Some(all);
        return [() => write(some), () => write([.. all.Except(some)])];
    }

    /// <summary>Reads anew from the last item on for each page.</summary>
    private async IAsyncEnumerable<T> PagesAsync<T>(
        PartitionAddress partition, string what, TaskNumber first, Func<TaskNumber, IAsyncEnumerable<T>> from, Func<T, TaskNumber> taskOf, Func<T, string>? keyOf = null)
    {
        var plan = FaultPlan.Of(partition.Class.Incarnation.Value);
        var page = await ReadAsync(partition.Class.Incarnation, what, () => ReadPageAsync(first, ""));
        while (true)
        {
            foreach (var (_, item) in page) yield return item;
            if (page.Count < PageSize) yield break;
            life.Require();
            if (plan is not null && plan.Happens(BreakRate)) throw new StorageException($"{what}: broke off half way (injected)");
            await Task.Yield();
            page = await ReadPageAsync(taskOf(page[^1].Item), page[^1].Key);
        }

        async Task<List<(string Key, T Item)>> ReadPageAsync(TaskNumber task, string after)
        {
            var items = new List<(string Key, T Item)>();
            await foreach (var item in from(task)) items.Add((string.Create(CultureInfo.InvariantCulture, $"{taskOf(item).Value:D10}/{keyOf?.Invoke(item)}"), item));
            return [.. items.Where(item => string.CompareOrdinal(item.Key, after) > 0).OrderBy(item => item.Key, StringComparer.Ordinal).Take(PageSize)];
        }
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2.Model;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using static BulkQA.Storage.DynamoFactItems;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>
/// Facts in one table of DynamoDB (<see cref="DynamoFactItems"/>). A submission is one write unit as long as it has less than
/// 1 KB; an image is two at import, its place and the index, and its share of a task's item.
/// </summary>
public sealed partial class DynamoFactStore(DynamoConnection dynamo, IOptions<DynamoOptions> options) : IFactStore
{
    /// <summary>The keys-only index by URL.</summary>
    public const string UrlIndex = "by-url";

    private const int ItemsDeletedAtOnce = 25;

    private readonly DynamoTable _table = new(dynamo, options.Value.FactTable, RangeKey);
    private readonly KnownTasks _known = new();

    public async Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        await _table.GetAsync(HeadKey(partition), null, cancellation) is { } item ? ReadHead(item) : null;

    public async Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(head.Epoch, expectedEpoch);
        var item = Write(partition, head);
        // Refused where an earlier attempt was taken and its answer got lost: the mark tells.
        return await _table.PutAsync(item, IfEpoch(expectedEpoch), cancellation)
            || (await _table.GetAsync(HeadKey(partition), Mark, cancellation) is { } stored && stored[Mark].N == item[Mark].N);
    }

    public Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default) =>
        PutAsync(partition, submissions.Select(submission => Write(partition, submission)), cancellation);

    public Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default) =>
        PutAsync(partition, adjudications.Select(adjudication => Write(partition, adjudication)), cancellation);

    private async Task<long> PutAsync(PartitionAddress partition, IEnumerable<Item> items, CancellationToken cancellation)
    {
        await _table.PutManyAsync(items, cancellation);
        return await _table.GetAsync(HeadKey(partition), Epoch, cancellation) is { } head ? DynamoTable.ReadNumber(head[Epoch]) : 0;
    }

    public async Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default)
    {
        var isClosed = await _table.PutAsync(TaskKey(partition, task), IfNotStored, cancellation);
        return isClosed || await _table.GetAsync(TaskKey(partition, task), null, cancellation) is not { } item ? null : ReadTask(item);
    }

    public async IAsyncEnumerable<TaskContent> ReadTasksAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var item in _table.QueryAsync(TasksOf(partition, first, last), null, null, cancellation))
            if (ReadTask(item) is { } task) yield return task;
    }

    public async IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(
        PartitionAddress partition, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var item in _table.QueryAsync(TasksOf(partition), $"{RangeKey}, {Confidences}, {Gold}, {Versions}", null, cancellation))
            if (IsStored(item)) yield return ReadOutline(item);
    }

    public IAsyncEnumerable<Submission> ReadSubmissionsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        _table.QueryAsync(SubmissionsOf(partition, first, last), null, null, cancellation).Select(ReadSubmission);

    public IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        _table.QueryAsync(RulingsOf(partition, first, last), null, null, cancellation).Select(ReadAdjudication);

    public async Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default)
    {
        var places = await ReadPlacesAsync(address, urls.Distinct(), cancellation);
        var gaps = await ReadGapsAsync([.. places.Values.Select(place => TaskId.Of(address, place)).Distinct()], cancellation);
        return [.. urls.Select(url => places.TryGetValue(url, out var place) && gaps.TryGetValue(TaskId.Of(address, place), out var before)
            ? place with { Index = place.Index - before.Count(gap => gap < place.Index) } : (ImagePlace?)null)];
    }

    public async Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default)
    {
        // Also what refuses a cursor that isn't one.
        if (cursor is not null) _ = ClassAddress.ParsePlacesKey(cursor);
        var image = new AttributeValue(url.Value);
        var page = await _table.QueryIndexAsync(new QueryRequest
        {
            IndexName = UrlIndex,
            KeyConditionExpression = "#url = :url",
            ExpressionAttributeNames = new() { ["#url"] = Url },
            ExpressionAttributeValues = new() { [":url"] = image },
            ExclusiveStartKey = cursor is null ? null : new() { [DynamoTable.HashKey] = new(cursor), [RangeKey] = image, [Url] = image },
            Limit = limit,
        }, cancellation);
        return new ClassPage(
            [.. (page.Items ?? []).Select(item => ClassAddress.ParsePlacesKey(item[DynamoTable.HashKey].S))],
            page.LastEvaluatedKey is { Count: > 0 } last ? last[DynamoTable.HashKey].S : null);
    }

    public Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default) =>
        _table.PutManyAsync([Write(incarnation, block)], cancellation);

    public async Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default) =>
        await _table.QueryAsync(BlocksFrom(incarnation, from), null, limit, cancellation).Select(ReadBlock).ToListAsync(cancellation);

    public Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default) =>
        _table.PutManyAsync(tasks.Select(state => Write(partition, state)), cancellation);

    public IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        _table.QueryAsync(ListedOf(partition), null, null, cancellation).Select(ReadListed);

    public async Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default)
    {
        var deleted = 0;
        await foreach (var page in _table.QueryPagesAsync(FactsOf(partition), $"{DynamoTable.HashKey}, {RangeKey}, {Urls}, {Gold}", limit, cancellation))
        {
            foreach (var items in page.Chunk(ItemsDeletedAtOnce))
            {
                // A task goes after its places: it alone says which these are.
                var places = await ReadPlacesAsync(partition.Class, items.SelectMany(ReadPlacedUrls), cancellation);
                deleted += await DeleteAsync(places.Keys.Select(url => PlaceKey(partition.Class, url)), limit - deleted, cancellation);
                deleted += await DeleteAsync(items, limit - deleted, cancellation);
                if (deleted == limit) return deleted;
            }
        }
        return deleted;
    }

    public Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        _table.DeleteManyAsync([HeadKey(partition)], cancellation);

    public Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default) =>
        _table.DeleteAllAsync(Shard.All.Select(address.PlacesKey), limit, cancellation);

    public Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default) =>
        _table.DeleteAllAsync([BlocksKey(incarnation)], limit, cancellation);

    private async Task<int> DeleteAsync(IEnumerable<Item> items, int limit, CancellationToken cancellation)
    {
        var deleted = items.Take(limit).ToList();
        await _table.DeleteManyAsync(deleted, cancellation);
        return deleted.Count;
    }

    /// <summary>By image; without those that have no place.</summary>
    /// <param name="urls">No two the same.</param>
    private async Task<Dictionary<ImageUrl, ImagePlace>> ReadPlacesAsync(ClassAddress address, IEnumerable<ImageUrl> urls, CancellationToken cancellation)
    {
        var items = await _table.GetManyAsync(urls.Select(url => PlaceKey(address, url)), null, cancellation);
        return items.ToDictionary(item => ImageUrl.Create(item[RangeKey].S), item => ReadClaim(item).Place);
    }

    /// <summary>By task, its <see cref="Gaps"/>; without tasks that are not stored.</summary>
    /// <param name="tasks">No two the same.</param>
    private async Task<Dictionary<TaskId, ImmutableArray<int>>> ReadGapsAsync(IReadOnlyCollection<TaskId> tasks, CancellationToken cancellation)
    {
        var found = new Dictionary<TaskId, ImmutableArray<int>>();
        foreach (var task in tasks)
            if (_known.TryGet(task, out var gaps)) found[task] = gaps;
        var items = await _table.GetManyAsync(
            tasks.Where(task => !found.ContainsKey(task)).Select(task => TaskKey(task.Partition, task.Number)), TaskState, cancellation);
        foreach (var item in items.Where(IsStored))
        {
            var task = new TaskId(PartitionAddress.Parse(item[DynamoTable.HashKey].S), ReadTaskNumber(item));
            _known.Add(task, found[task] = ReadGaps(item));
        }
        return found;
    }

    private readonly record struct TaskId(PartitionAddress Partition, TaskNumber Number)
    {
        public static TaskId Of(ClassAddress address, ImagePlace place) => new(new PartitionAddress(address, place.Partition), place.Task);
    }

    /// <summary>Tasks that are known to be stored, with their gaps: neither changes until the job is deleted, and its places with it.</summary>
    private sealed class KnownTasks
    {
        private const int MaxCount = 50_000;

        private readonly ConcurrentDictionary<TaskId, ImmutableArray<int>> _gaps = new();
        private int _count;

        public bool TryGet(TaskId task, out ImmutableArray<int> gaps) => _gaps.TryGetValue(task, out gaps);

        public void Add(TaskId task, ImmutableArray<int> gaps)
        {
            if (!_gaps.TryAdd(task, gaps) || Interlocked.Increment(ref _count) <= MaxCount) return;
            _gaps.Clear();
            _count = 0;
        }
    }
}

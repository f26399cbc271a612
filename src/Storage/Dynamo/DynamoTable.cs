using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>
/// The requests to one table that the stores have in common. Reads are strongly consistent; whatever number of items is
/// given, each request takes as many as DynamoDB does; write units are counted.
/// </summary>
/// <param name="rangeKey">The attribute that is the table's range key; its hash key is <see cref="HashKey"/>.</param>
internal sealed class DynamoTable(DynamoConnection dynamo, string name, string rangeKey)
{
    public const string HashKey = "pk";

    private const int MaxBatchWrite = 25;
    private const int MaxBatchRead = 100;

    public static AttributeValue Number(long value) => new() { N = value.ToString(CultureInfo.InvariantCulture) };

    public static long ReadNumber(AttributeValue value) => long.Parse(value.N, CultureInfo.InvariantCulture);

    /// <returns>Null where there is none.</returns>
    public async Task<Item?> GetAsync(Item key, string? attributes, CancellationToken cancellation)
    {
        var request = new GetItemRequest { TableName = name, Key = key, ProjectionExpression = attributes, ConsistentRead = true };
        var response = await dynamo.CallAsync($"reading an item of {name}", (client, token) => client.GetItemAsync(request, token), cancellation);
        return response.Item is { Count: > 0 } item ? item : null;
    }

    /// <summary>Those of the items that there are, in no order.</summary>
    /// <param name="keys">No two the same.</param>
    /// <param name="attributes">A projection; null for all.</param>
    public async Task<List<Item>> GetManyAsync(IEnumerable<Item> keys, string? attributes, CancellationToken cancellation)
    {
        var parts = await Task.WhenAll(keys.Chunk(MaxBatchRead).Select(chunk => GetBatchAsync(chunk, attributes, cancellation)));
        return [.. parts.SelectMany(items => items)];
    }

    /// <summary>Puts an item where a condition on what is stored holds.</summary>
    /// <returns>
    /// Whether this call is known to have written it. Where not, an attempt of this very call may have, whose answer got lost
    /// (the HTTP client, too, sends again over a connection that broke): what is stored tells.
    /// </returns>
    public Task<bool> PutAsync(Item item, PutCondition condition, CancellationToken cancellation)
    {
        var request = new PutItemRequest
        {
            TableName = name,
            Item = item,
            ConditionExpression = condition.Expression,
            ExpressionAttributeNames = condition.Names,
            ExpressionAttributeValues = condition.Values,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        return dynamo.WriteAsync(
            $"writing an item of {name}", async (client, token) => (await client.PutItemAsync(request, token)).ConsumedCapacity,
            () => Task.FromResult(false), cancellation);
    }

    /// <summary>Puts items over whatever is there; of two with the same key the later one.</summary>
    public Task PutManyAsync(IEnumerable<Item> items, CancellationToken cancellation)
    {
        var last = new Dictionary<(string Hash, string Range), Item>();
        foreach (var item in items) last[(item[HashKey].S, item[rangeKey].S)] = item;
        return WriteManyAsync("writing", last.Values.Select(item => new WriteRequest(new PutRequest(item))), cancellation);
    }

    /// <summary>Deletes items, whether they are there or not.</summary>
    /// <param name="items">No two the same; of each its keys count.</param>
    public Task DeleteManyAsync(IEnumerable<Item> items, CancellationToken cancellation) => WriteManyAsync(
        "deleting", items.Select(item => new WriteRequest(new DeleteRequest(new() { [HashKey] = item[HashKey], [rangeKey] = item[rangeKey] }))), cancellation);

    /// <summary>Deletes up to <paramref name="limit"/> items that lie under these hash keys.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteAllAsync(IEnumerable<string> hashKeys, int limit, CancellationToken cancellation)
    {
        var deleted = 0;
        foreach (var hash in hashKeys)
        {
            await foreach (var page in QueryPagesAsync(ItemRange.All(hash), $"{HashKey}, {rangeKey}", limit - deleted, cancellation))
            {
                await DeleteManyAsync(page, cancellation);
                deleted += page.Count;
            }
        }
        return deleted;
    }

    /// <summary>Items in the order of their range keys.</summary>
    /// <param name="attributes">A projection; null for all.</param>
    /// <param name="limit">At most that many; null for all.</param>
    public async IAsyncEnumerable<Item> QueryAsync(
        ItemRange range, string? attributes, int? limit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var page in QueryPagesAsync(range, attributes, limit, cancellation))
            foreach (var item in page) yield return item;
    }

    /// <summary>The same as they come: what takes up to 1 MB of storage at a time. Backward, where asked for, from the last.</summary>
    public async IAsyncEnumerable<List<Item>> QueryPagesAsync(
        ItemRange range, string? attributes, int? limit, [EnumeratorCancellation] CancellationToken cancellation, bool isBackward = false)
    {
        Item? from = null;
        while (range.Condition is not null && limit is null or > 0)
        {
            var request = new QueryRequest
            {
                TableName = name,
                KeyConditionExpression = range.Condition,
                ExpressionAttributeValues = range.Values,
                ProjectionExpression = attributes,
                ExclusiveStartKey = from,
                Limit = limit,
                ConsistentRead = true,
                ScanIndexForward = !isBackward,
            };
            var page = await dynamo.CallAsync($"reading items of {name}", (client, token) => client.QueryAsync(request, token), cancellation);
            if (page.Items is { Count: > 0 } items) yield return items;
            from = page.LastEvaluatedKey;
            if (from is not { Count: > 0 }) yield break;
            limit -= page.Items?.Count ?? 0;
        }
    }

    /// <summary>One request to an index; its answer may be behind.</summary>
    public Task<QueryResponse> QueryIndexAsync(QueryRequest request, CancellationToken cancellation)
    {
        request.TableName = name;
        return dynamo.CallAsync($"reading the index of {name}", (client, token) => client.QueryAsync(request, token), cancellation);
    }

    private async Task<List<Item>> GetBatchAsync(Item[] keys, string? attributes, CancellationToken cancellation)
    {
        var found = new List<Item>();
        var left = new KeysAndAttributes { Keys = [.. keys], ProjectionExpression = attributes, ConsistentRead = true };
        await dynamo.CallAsync($"reading {keys.Length} items of {name}", async (client, token) =>
        {
            var response = await client.BatchGetItemAsync(new BatchGetItemRequest(new() { [name] = left }), token);
            if (response.Responses?.GetValueOrDefault(name) is { } items) found.AddRange(items);
            if (response.UnprocessedKeys is not { Count: > 0 } unprocessed) return 0;
            left.Keys = unprocessed[name].Keys;
            throw Throttled($"{left.Keys.Count} of {keys.Length} items are not read yet");
        }, cancellation);
        return found;
    }

    private Task WriteManyAsync(string what, IEnumerable<WriteRequest> writes, CancellationToken cancellation) =>
        Task.WhenAll(writes.Chunk(MaxBatchWrite).Select(chunk => WriteBatchAsync(what, chunk, cancellation)));

    private async Task WriteBatchAsync(string what, WriteRequest[] writes, CancellationToken cancellation)
    {
        var left = new Dictionary<string, List<WriteRequest>> { [name] = [.. writes] };
        await dynamo.CallAsync($"{what} {writes.Length} items of {name}", async (client, token) =>
        {
            var response = await client.BatchWriteItemAsync(new BatchWriteItemRequest(left) { ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL }, token);
            dynamo.CountWrite(response.ConsumedCapacity?.Sum(used => used.CapacityUnits ?? 0) ?? 0);
            if (response.UnprocessedItems is not { Count: > 0 } unprocessed) return 0;
            left = unprocessed;
            throw Throttled($"{what} {left[name].Count} of {writes.Length} items is not done yet");
        }, cancellation);
    }

    /// <summary>What a batch leaves unprocessed for want of capacity goes out again, as often as any throttled call.</summary>
    private static ProvisionedThroughputExceededException Throttled(string message) =>
        new(message) { ErrorCode = nameof(ProvisionedThroughputExceededException) };
}

/// <summary>Items under one hash key.</summary>
internal readonly record struct ItemRange
{
    private ItemRange(string? condition, Item values) => (Condition, Values) = (condition, values);

    /// <summary>Null where no item can be in the range, which DynamoDB takes for an error.</summary>
    public string? Condition { get; }

    public Item Values { get; }

    public static ItemRange All(string hash) => new($"{DynamoTable.HashKey} = :hash", new() { [":hash"] = new(hash) });

    /// <param name="first">The first range key, included.</param>
    /// <param name="last">The last, included.</param>
    public static ItemRange Between(string hash, string rangeKey, string first, string last) => new(
        string.CompareOrdinal(first, last) > 0 ? null : $"{DynamoTable.HashKey} = :hash AND {rangeKey} BETWEEN :first AND :last",
        new() { [":hash"] = new(hash), [":first"] = new(first), [":last"] = new(last) });
}

/// <summary>What has to hold of the item that is stored, if any, for a put to be done.</summary>
internal sealed record PutCondition(string Expression, Dictionary<string, string>? Names = null, Item? Values = null);

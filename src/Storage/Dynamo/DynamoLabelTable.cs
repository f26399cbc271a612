using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using BulkQA.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>The label table in DynamoDB: one item an image, one write unit a write as long as it has less than 1 KB.</summary>
public sealed partial class DynamoLabelTable(DynamoConnection dynamo, IOptions<DynamoOptions> options, ILogger<DynamoLabelTable> log) : ILabelTable
{
    /// <summary>The keys-only index by URL.</summary>
    public const string UrlIndex = "by-url";

    private const int MaxBatchWrite = 25;
    private const int MaxBatchRead = 100;

    private readonly string _table = options.Value.LabelTable;

    private volatile bool _batchesRefused;

    public async Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        await GetAsync(address, cancellation) is { } item ? DynamoRows.Read(item, address.Class) : null;

    public async Task<IReadOnlyList<LabelRow?>> ReadAsync(IReadOnlyList<ImageAddress> addresses, CancellationToken cancellation = default)
    {
        var parts = await Task.WhenAll(addresses.Chunk(MaxBatchRead).Select(chunk => ReadAsync(chunk, cancellation)));
        var found = parts.SelectMany(rows => rows).ToDictionary(row => row.Address);
        return [.. addresses.Select(found.GetValueOrDefault)];
    }

    public async Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        await Task.WhenAll(rows.Select(row => PutAsync(row, "attribute_not_exists(pk)", null, cancellation)));

    public Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default) =>
        PutAsync(row, "Version = :expected", new() { [":expected"] = DynamoRows.Number(expectedVersion) }, cancellation);

    /// <inheritdoc/>
    /// <remarks>
    /// 25 rows a request, at the write units of one by one. Where batches of statements are refused, because the endpoint
    /// doesn't know them or the role lacks <c>dynamodb:PartiQLUpdate</c>, it is one request a row from then on.
    /// </remarks>
    public async Task<IReadOnlyList<bool>> UpdateAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default)
    {
        var written = await Task.WhenAll(rows.Chunk(DynamoBatch.MaxRows).Select(chunk => UpdateAsync(chunk, cancellation)));
        return [.. written.SelectMany(part => part)];
    }

    public async Task<RowPage> ScanAsync(
        ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default)
    {
        var key = new AttributeValue(address.RowKey(shard));
        var request = new QueryRequest
        {
            TableName = _table,
            KeyConditionExpression = "pk = :pk",
            ExpressionAttributeValues = new() { [":pk"] = key },
            ExclusiveStartKey = after is { } url ? new() { [DynamoRows.Key] = key, [DynamoRows.Url] = new AttributeValue(url.Value) } : null,
            Limit = limit,
            ConsistentRead = true,
        };
        var response = await dynamo.CallAsync($"reading rows of {_table}", (client, token) => client.QueryAsync(request, token), cancellation);
        return new RowPage(
            [.. (response.Items ?? []).Select(item => DynamoRows.Read(item, address))],
            response.LastEvaluatedKey is { Count: > 0 } last ? ImageUrl.Create(last[DynamoRows.Url].S) : null);
    }

    public async Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default)
    {
        // Also what refuses a cursor that isn't one.
        if (cursor is not null) _ = ClassAddress.ParseSharded(cursor);
        var image = new AttributeValue(url.Value);
        var request = new QueryRequest
        {
            TableName = _table,
            IndexName = UrlIndex,
            KeyConditionExpression = "s3_image_url = :url",
            ExpressionAttributeValues = new() { [":url"] = image },
            ExclusiveStartKey = cursor is null ? null : new() { [DynamoRows.Url] = image, [DynamoRows.Key] = new AttributeValue(cursor) },
            Limit = limit,
        };
        var response = await dynamo.CallAsync($"reading the index of {_table}", (client, token) => client.QueryAsync(request, token), cancellation);
        return new AddressPage(
            [.. (response.Items ?? []).Select(item => new ImageAddress(ClassAddress.ParseSharded(item[DynamoRows.Key].S).Class, url))],
            response.LastEvaluatedKey is { Count: > 0 } last ? last[DynamoRows.Key].S : null);
    }

    public async Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default)
    {
        var deleted = 0;
        Dictionary<string, AttributeValue>? from = null;
        do
        {
            var request = new QueryRequest
            {
                TableName = _table,
                KeyConditionExpression = "pk = :pk",
                ExpressionAttributeValues = new() { [":pk"] = new AttributeValue(address.RowKey(shard)) },
                ProjectionExpression = $"{DynamoRows.Key}, {DynamoRows.Url}",
                ExclusiveStartKey = from,
                Limit = limit - deleted,
                ConsistentRead = true,
            };
            var page = await dynamo.CallAsync($"reading keys of {_table}", (client, token) => client.QueryAsync(request, token), cancellation);
            foreach (var keys in (page.Items ?? []).Chunk(MaxBatchWrite)) await DeleteAsync(keys, cancellation);
            deleted += page.Items?.Count ?? 0;
            from = page.LastEvaluatedKey;
        }
        while (deleted < limit && from is { Count: > 0 });
        return deleted;
    }

    private async Task<bool[]> UpdateAsync(LabelRow[] rows, CancellationToken cancellation)
    {
        if (rows.Length > 1 && !_batchesRefused)
        {
            var batch = new DynamoBatch(_table, rows);
            try
            {
                var used = await dynamo.CallAsync($"writing {rows.Length} rows of {_table}", batch.SendAsync, cancellation);
                dynamo.CountWrite(used);
                return await Task.WhenAll(rows.Select(async (row, index) =>
                    batch.IsWritten(index) || await IsStoredAsync(row.Address, batch.Mark(index), cancellation)));
            }
            catch (DynamoBatchRefusedException e)
            {
                _batchesRefused = true;
                LogBatchesRefused(e, _table);
            }
        }
        return await Task.WhenAll(rows.Select(row => UpdateAsync(row, row.Version - 1, cancellation)));
    }

    /// <summary>Whether the row is what the write with this mark left: one whose answer got lost meets its own work.</summary>
    private async Task<bool> IsStoredAsync(ImageAddress address, AttributeValue mark, CancellationToken cancellation) =>
        await GetAsync(address, cancellation) is { } stored && stored[DynamoRows.WriteMark].N == mark.N;

    private async Task<Dictionary<string, AttributeValue>?> GetAsync(ImageAddress address, CancellationToken cancellation)
    {
        var request = new GetItemRequest { TableName = _table, Key = DynamoRows.Address(address), ConsistentRead = true };
        var response = await dynamo.CallAsync($"reading a row of {_table}", (client, token) => client.GetItemAsync(request, token), cancellation);
        return response.Item is { Count: > 0 } item ? item : null;
    }

    private async Task<List<LabelRow>> ReadAsync(ImageAddress[] addresses, CancellationToken cancellation)
    {
        var rows = new List<LabelRow>();
        var left = new Dictionary<string, KeysAndAttributes>
        {
            [_table] = new() { Keys = [.. addresses.Select(DynamoRows.Address)], ConsistentRead = true },
        };
        await dynamo.CallAsync($"reading {addresses.Length} rows of {_table}", async (client, token) =>
        {
            var response = await client.BatchGetItemAsync(new BatchGetItemRequest(left), token);
            if (response.Responses?.GetValueOrDefault(_table) is { } items) rows.AddRange(items.Select(item => DynamoRows.Read(item, addresses[0].Class)));
            if (response.UnprocessedKeys is not { Count: > 0 } unprocessed) return 0;
            left = unprocessed;
            throw Throttled($"{left[_table].Keys.Count} of {addresses.Length} rows are not read yet");
        }, cancellation);
        return rows;
    }

    /// <summary>What a batch leaves unprocessed for want of capacity goes out again, as often as any throttled call.</summary>
    private static ProvisionedThroughputExceededException Throttled(string message) =>
        new(message) { ErrorCode = nameof(ProvisionedThroughputExceededException) };

    private async Task DeleteAsync(Dictionary<string, AttributeValue>[] keys, CancellationToken cancellation)
    {
        var left = new Dictionary<string, List<WriteRequest>> { [_table] = [.. keys.Select(key => new WriteRequest(new DeleteRequest(key)))] };
        await dynamo.CallAsync($"deleting rows of {_table}", async (client, token) =>
        {
            var response = await client.BatchWriteItemAsync(new BatchWriteItemRequest(left), token);
            if (response.UnprocessedItems is not { Count: > 0 } unprocessed) return 0;
            left = unprocessed;
            throw Throttled($"{left[_table].Count} of {keys.Length} rows are not deleted yet");
        }, cancellation);
    }

    private Task<bool> PutAsync(
        LabelRow row, string condition, Dictionary<string, AttributeValue>? values, CancellationToken cancellation)
    {
        var item = DynamoRows.WriteMarked(row);
        var request = new PutItemRequest
        {
            TableName = _table,
            Item = item,
            ConditionExpression = condition,
            ExpressionAttributeValues = values,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        return dynamo.WriteAsync(
            $"writing a row of {_table}",
            async (client, token) => (await client.PutItemAsync(request, token)).ConsumedCapacity,
            () => IsStoredAsync(row.Address, item[DynamoRows.WriteMark], cancellation),
            cancellation);
    }

    [LoggerMessage(LogLevel.Warning, "Rows of {Table} are written one a request from now on, which takes more of a silo's time: batches are refused. Allow the role dynamodb:PartiQLUpdate; an endpoint other than AWS's may not have them")]
    private partial void LogBatchesRefused(Exception exception, string table);
}

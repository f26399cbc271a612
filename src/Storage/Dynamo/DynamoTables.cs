using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>The tables as such: whether they are there and answer. Creates them where a trial asks for it; a deployment makes them itself.</summary>
public sealed class DynamoTables(DynamoConnection dynamo, IOptions<DynamoOptions> options)
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    /// <summary>Creates those that do not exist, and waits until all can be used. Idempotent.</summary>
    /// <exception cref="StorageException">They can't be created, or are not there after two minutes.</exception>
    public async Task CreateAsync(CancellationToken cancellation = default)
    {
        await CreateAsync(new CreateTableRequest
        {
            TableName = options.Value.LabelTable,
            KeySchema = [new(DynamoRows.Key, KeyType.HASH), new(DynamoRows.Url, KeyType.RANGE)],
            AttributeDefinitions = [new(DynamoRows.Key, ScalarAttributeType.S), new(DynamoRows.Url, ScalarAttributeType.S)],
            GlobalSecondaryIndexes =
            [
                new GlobalSecondaryIndex
                {
                    IndexName = DynamoLabelTable.UrlIndex,
                    KeySchema = [new(DynamoRows.Url, KeyType.HASH), new(DynamoRows.Key, KeyType.RANGE)],
                    Projection = new Projection { ProjectionType = ProjectionType.KEYS_ONLY },
                },
            ],
            BillingMode = BillingMode.PAY_PER_REQUEST,
        }, cancellation);
        await CreateAsync(new CreateTableRequest
        {
            TableName = options.Value.StateTable,
            KeySchema = [new("GrainReference", KeyType.HASH), new("GrainType", KeyType.RANGE)],
            AttributeDefinitions = [new("GrainReference", ScalarAttributeType.S), new("GrainType", ScalarAttributeType.S)],
            BillingMode = BillingMode.PAY_PER_REQUEST,
        }, cancellation);
    }

    /// <exception cref="StorageException">A table is missing, not ready, or out of reach.</exception>
    public async Task CheckAsync(CancellationToken cancellation = default)
    {
        foreach (var table in (string[])[options.Value.LabelTable, options.Value.StateTable])
            if (await StatusAsync(table, cancellation) is var status && status != TableStatus.ACTIVE && status != TableStatus.UPDATING)
                throw new StorageException($"table {table} is {status}");
    }

    /// <summary>
    /// Reads an item that is not there from each table: half a read unit each. One attempt, and it waits for no other call;
    /// what fails is thrown as the SDK throws it.
    /// </summary>
    public async Task PingAsync(CancellationToken cancellation) => await Task.WhenAll(
        dynamo.TryOnceAsync(client => client.GetItemAsync(
            options.Value.LabelTable, new() { [DynamoRows.Key] = new("ping"), [DynamoRows.Url] = new("ping") }, cancellation)),
        dynamo.TryOnceAsync(client => client.GetItemAsync(
            options.Value.StateTable, new() { ["GrainReference"] = new("ping"), ["GrainType"] = new("ping") }, cancellation)));

    private async Task CreateAsync(CreateTableRequest request, CancellationToken cancellation)
    {
        try
        {
            await dynamo.CallAsync($"creating table {request.TableName}", (client, token) => client.CreateTableAsync(request, token), cancellation);
        }
        catch (StorageException e) when (e.InnerException is ResourceInUseException)
        {
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_limit);
        while (await StatusAsync(request.TableName, limit.Token) != TableStatus.ACTIVE)
            await Task.Delay(_pollInterval, TimeProvider.System, limit.Token);
    }

    private async Task<TableStatus> StatusAsync(string table, CancellationToken cancellation) =>
        (await dynamo.CallAsync($"looking at table {table}", (client, token) => client.DescribeTableAsync(table, token), cancellation)).Table.TableStatus;
}

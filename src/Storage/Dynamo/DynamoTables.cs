using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>The tables as such: whether they are there and answer. Creates them where a trial asks for it; a deployment makes them itself.</summary>
public sealed class DynamoTables(DynamoConnection dynamo, IOptions<DynamoOptions> options)
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private IEnumerable<(string Name, string HashKey, string RangeKey)> All =>
    [
        (options.Value.LabelTable, DynamoTable.HashKey, DynamoLabelTable.Url),
        (options.Value.FactTable, DynamoTable.HashKey, DynamoFactItems.RangeKey),
        (options.Value.StateTable, DynamoGrainStorage.Reference, DynamoGrainStorage.Type),
    ];

    /// <summary>Creates those that do not exist, and waits until all can be used. Idempotent.</summary>
    /// <exception cref="StorageException">They can't be created, or are not there after two minutes.</exception>
    public async Task CreateAsync(CancellationToken cancellation = default)
    {
        foreach (var (name, hashKey, rangeKey) in All)
        {
            var request = new CreateTableRequest
            {
                TableName = name,
                KeySchema = [new(hashKey, KeyType.HASH), new(rangeKey, KeyType.RANGE)],
                AttributeDefinitions = [new(hashKey, ScalarAttributeType.S), new(rangeKey, ScalarAttributeType.S)],
                BillingMode = BillingMode.PAY_PER_REQUEST,
            };
            if (name == options.Value.FactTable)
            {
                request.AttributeDefinitions.Add(new(DynamoFactItems.Url, ScalarAttributeType.S));
                request.GlobalSecondaryIndexes =
                [
                    new GlobalSecondaryIndex
                    {
                        IndexName = DynamoFactStore.UrlIndex,
                        KeySchema = [new(DynamoFactItems.Url, KeyType.HASH), new(hashKey, KeyType.RANGE)],
                        Projection = new Projection { ProjectionType = ProjectionType.KEYS_ONLY },
                    },
                ];
            }
            await CreateAsync(request, cancellation);
        }
    }

    /// <exception cref="StorageException">A table is missing, not ready, out of reach, or of a release that laid data otherwise.</exception>
    public async Task CheckAsync(CancellationToken cancellation = default)
    {
        foreach (var (name, _, _) in All)
        {
            var table = await DescribeAsync(name, cancellation);
            if (table.TableStatus != TableStatus.ACTIVE && table.TableStatus != TableStatus.UPDATING) throw new StorageException($"table {name} is {table.TableStatus}");
            if (name == options.Value.LabelTable && table.GlobalSecondaryIndexes?.Any(index => index.IndexName == DynamoFactStore.UrlIndex) is true)
                throw new StorageException(
                    $"table {name} has an index {DynamoFactStore.UrlIndex}: it holds jobs of a release that kept votes in it, which this one does not read. "
                    + "To take them along, run that release, save GET /v1/jobs/{job}/export?format=csv of each job, then start this one with other names for all "
                    + "three tables (BulkQA:Dynamo:LabelTable, FactTable, StateTable) and import the files. To begin anew, give other names");
        }
    }

    /// <summary>
    /// Reads an item that is not there from each table: half a read unit each. One attempt, and it waits for no other call;
    /// what fails is thrown as the SDK throws it.
    /// </summary>
    public Task PingAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(table => dynamo.TryOnceAsync(
        client => client.GetItemAsync(table.Name, new() { [table.HashKey] = new("ping"), [table.RangeKey] = new("ping") }, cancellation))));

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
        while ((await DescribeAsync(request.TableName, limit.Token)).TableStatus != TableStatus.ACTIVE)
            await Task.Delay(_pollInterval, TimeProvider.System, limit.Token);
    }

    private async Task<TableDescription> DescribeAsync(string table, CancellationToken cancellation) =>
        (await dynamo.CallAsync($"looking at table {table}", (client, token) => client.DescribeTableAsync(table, token), cancellation)).Table;
}

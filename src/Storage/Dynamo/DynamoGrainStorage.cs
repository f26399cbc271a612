using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace BulkQA.Storage;

/// <summary>
/// Grain state in DynamoDB, in the attributes of Orleans' own provider. Every write makes a new, random ETag: that is
/// how a write whose answer got lost is told from another's. A write or clear with another ETag than the stored one
/// throws <see cref="InconsistentStateException"/> and changes nothing. A clear deletes the row.
/// </summary>
public sealed class DynamoGrainStorage(
    DynamoConnection dynamo, Serializer serializer, IOptions<DynamoOptions> options, IOptions<ClusterOptions> cluster) : IGrainStorage
{
    internal const string Reference = "GrainReference";
    internal const string Type = "GrainType";

    private const string State = "GrainState";
    private const string ETag = "ETag";

    private readonly string _table = options.Value.StateTable;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var item = await ReadAsync(stateName, grainId);
        grainState.RecordExists = item is not null;
        grainState.State = item is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(item[State].B.ToArray());
        grainState.ETag = item?[ETag].N;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Orleans' provider reads a 32-bit number and adds one to it.
        var etag = Random.Shared.Next(1, 1 << 30).ToString(CultureInfo.InvariantCulture);
        var item = Key(stateName, grainId);
        item[State] = new AttributeValue { B = new MemoryStream(serializer.SerializeToArray(grainState.State)) };
        item[ETag] = new AttributeValue { N = etag };
        var (condition, values) = Expecting(grainState.ETag);
        var request = new PutItemRequest
        {
            TableName = _table,
            Item = item,
            ConditionExpression = condition,
            ExpressionAttributeValues = values,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        var written = await dynamo.WriteAsync(
            $"writing '{stateName}' of {grainId}",
            async (client, token) => (await client.PutItemAsync(request, token)).ConsumedCapacity,
            async () => await ReadAsync(stateName, grainId) is { } stored && stored[ETag].N == etag);
        if (!written) throw Conflict("write", stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
        grainState.ETag = etag;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (condition, values) = Expecting(grainState.ETag);
        var request = new DeleteItemRequest
        {
            TableName = _table,
            Key = Key(stateName, grainId),
            ConditionExpression = condition,
            ExpressionAttributeValues = values,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        var cleared = await dynamo.WriteAsync(
            $"clearing '{stateName}' of {grainId}",
            async (client, token) => (await client.DeleteItemAsync(request, token)).ConsumedCapacity,
            async () => await ReadAsync(stateName, grainId) is null);
        if (!cleared) throw Conflict("clear", stateName, grainId, grainState.ETag);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
    }

    private async Task<Dictionary<string, AttributeValue>?> ReadAsync(string stateName, GrainId grainId)
    {
        var request = new GetItemRequest { TableName = _table, Key = Key(stateName, grainId), ConsistentRead = true };
        var response = await dynamo.CallAsync($"reading '{stateName}' of {grainId}", (client, token) => client.GetItemAsync(request, token));
        return response.Item is { Count: > 0 } item ? item : null;
    }

    private Dictionary<string, AttributeValue> Key(string stateName, GrainId grainId) => new()
    {
        [Reference] = new AttributeValue($"{cluster.Value.ServiceId}_{grainId}"),
        [Type] = new AttributeValue(stateName),
    };

    private static (string Condition, Dictionary<string, AttributeValue>? Values) Expecting(string? etag) => etag is null
        ? ($"attribute_not_exists({Reference})", null)
        : ($"{ETag} = :etag", new() { [":etag"] = new AttributeValue { N = etag } });

    private static InconsistentStateException Conflict(string what, string stateName, GrainId grainId, string? etag) =>
        new($"could not {what} '{stateName}' of {grainId}: the stored ETag is not '{etag}'", "another", etag);
}

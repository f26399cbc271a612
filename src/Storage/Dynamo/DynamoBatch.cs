using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace BulkQA.Storage;

/// <summary>
/// Conditional updates of many rows in one request. Of DynamoDB's batches only that of PartiQL statements takes conditions
/// at no more units than one by one (<see href="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html"/>).
/// Each row is atomic, and told by itself whether it was written.
/// </summary>
internal sealed class DynamoBatch
{
    /// <summary>Statements that DynamoDB takes in a request.</summary>
    public const int MaxRows = 25;

    private readonly BatchStatementRequest[] _statements;
    private readonly AttributeValue[] _marks;
    private readonly bool[] _written;
    private readonly List<int> _left;
    private double _units;

    public DynamoBatch(string table, LabelRow[] rows)
    {
        var items = rows.Select(DynamoRows.WriteMarked).ToList();
        _statements = [.. items.Zip(rows, (item, row) => Statement(table, item, row.Version - 1))];
        _marks = [.. items.Select(item => item[DynamoRows.WriteMark])];
        _written = new bool[rows.Length];
        _left = [.. Enumerable.Range(0, rows.Length)];
    }

    /// <summary>Whether this request wrote the row. Where not, an earlier one whose answer got lost may have.</summary>
    public bool IsWritten(int index) => _written[index];

    public AttributeValue Mark(int index) => _marks[index];

    /// <summary>Sends what is left; to be called again after a failure that passes.</summary>
    /// <returns>The write units used so far.</returns>
    /// <exception cref="DynamoBatchRefusedException">Nothing of the kind is done here.</exception>
    public async Task<double> SendAsync(IAmazonDynamoDB client, CancellationToken cancellation)
    {
        var response = await ExecuteAsync(client, cancellation);
        _units += response.ConsumedCapacity?.Sum(used => used.CapacityUnits ?? 0) ?? 0;
        Exception? failure = null;
        foreach (var (index, answer) in _left.ToList().Zip(response.Responses))
        {
            var failed = answer.Error is { } error ? Failure(error) : null;
            failure ??= failed;
            if (failed is not null) continue;
            _written[index] = answer.Error is null;
            _left.Remove(index);
        }
        return failure is null ? _units : throw failure;
    }

    private async Task<BatchExecuteStatementResponse> ExecuteAsync(IAmazonDynamoDB client, CancellationToken cancellation)
    {
        var request = new BatchExecuteStatementRequest
        {
            Statements = _left.ConvertAll(index => _statements[index]),
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        try
        {
            return await client.BatchExecuteStatementAsync(request, cancellation);
        }
        catch (AmazonDynamoDBException e) when (e.ErrorCode is "UnknownOperationException" or "AccessDeniedException")
        {
            throw new DynamoBatchRefusedException(e.Message, e);
        }
    }

    /// <summary>What goes wrong with one statement, as if it had been a call of its own; null where its condition didn't hold.</summary>
    private static Exception? Failure(BatchStatementError error)
    {
        if (error.Code == BatchStatementErrorCodeEnum.ConditionalCheckFailed) return null;
        if (error.Code == BatchStatementErrorCodeEnum.AccessDenied) return new DynamoBatchRefusedException(error.Message);
        if (error.Code == BatchStatementErrorCodeEnum.ResourceNotFound) return new ResourceNotFoundException(error.Message) { StatusCode = HttpStatusCode.BadRequest };
        if (error.Code == BatchStatementErrorCodeEnum.ValidationError)
            return new AmazonDynamoDBException(error.Message) { ErrorCode = "ValidationException", StatusCode = HttpStatusCode.BadRequest };
        // Without a status, as where nothing is known of a call: throttled, or in trouble.
        return new AmazonDynamoDBException(error.Message) { ErrorCode = error.Code };
    }

    private static BatchStatementRequest Statement(string table, Dictionary<string, AttributeValue> item, int expectedVersion)
    {
        var set = item.Keys.Where(name => name is not (DynamoRows.Key or DynamoRows.Url)).ToList();
        return new BatchStatementRequest
        {
            Statement = $"""
                UPDATE "{table}" SET {string.Join(", ", set.Select(name => $"\"{name}\"=?"))} WHERE "{DynamoRows.Key}"=? AND "{DynamoRows.Url}"=? AND "{DynamoRows.Version}"=?
                """,
            Parameters = [.. set.Select(name => item[name]), item[DynamoRows.Key], item[DynamoRows.Url], DynamoRows.Number(expectedVersion)],
        };
    }
}

/// <summary>Batches of statements are not known here, or not allowed.</summary>
internal sealed class DynamoBatchRefusedException : Exception
{
    public DynamoBatchRefusedException()
    {
    }

    public DynamoBatchRefusedException(string message) : base(message)
    {
    }

    public DynamoBatchRefusedException(string message, Exception inner) : base(message, inner)
    {
    }
}

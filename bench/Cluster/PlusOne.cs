using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.SQS.Model;
using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>The design of the walkthrough: one UpdateItem a vote, which adds one to a counter. It may count a vote twice.</summary>
internal sealed class PlusOne(ClusterProcesses cluster, string queueUrl) : IDisposable
{
    /// <summary>As many requests to DynamoDB at a time as a silo makes.</summary>
    public const int Concurrent = 256;

    private const string Table = "plus-one";

    private readonly SemaphoreSlim _slots = new(Concurrent);
    private double _units;

    public double WriteUnits => _units;

    public Task CreateTableAsync() => cluster.Dynamo.CreateTableAsync(new CreateTableRequest(
        Table, [new KeySchemaElement("s3_image_url", KeyType.HASH), new KeySchemaElement("label", KeyType.RANGE)],
        [new AttributeDefinition("s3_image_url", ScalarAttributeType.S), new AttributeDefinition("label", ScalarAttributeType.S)], null)
    { BillingMode = BillingMode.PAY_PER_REQUEST });

    /// <summary>Receives and counts until cancelled.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        var handling = new List<Task>();
        while (!end.IsCancellationRequested)
        {
            var received = (await cluster.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queueUrl) { MaxNumberOfMessages = 10, WaitTimeSeconds = 1 }, CancellationToken.None)).Messages ?? [];
            if (received.Count > 0) handling.Add(TakeAsync(received));
            handling.RemoveAll(task => task.IsCompletedSuccessfully);
            // As many messages under way as a silo has images for.
            while (handling.Count >= 20) handling.Remove(await Task.WhenAny(handling));
        }
        await Task.WhenAll(handling);
    }

    public async Task AuditAsync(long votes)
    {
        var (counted, from) = (0L, (Dictionary<string, AttributeValue>?)null);
        do
        {
            var page = await cluster.Dynamo.ScanAsync(new ScanRequest(Table) { ExclusiveStartKey = from });
            counted += page.Items.Sum(item => item.Where(field => field.Key.EndsWith("Count", StringComparison.Ordinal)).Sum(field => long.Parse(field.Value.N, CultureInfo.InvariantCulture)));
            from = page.LastEvaluatedKey;
        }
        while (from is { Count: > 0 });
        if (counted != votes) throw new InvalidOperationException($"+1 per vote counts {counted} of {votes}");
    }

    public void Dispose() => _slots.Dispose();

    private async Task TakeAsync(List<Message> messages)
    {
        await Task.WhenAll(messages.SelectMany(message => AnswersMessage.Parse(Encoding.UTF8.GetBytes(message.Body)).Message.Images
            .SelectMany(image => image.Answers.Select(answer => AddAsync(image, answer.Value == AnswerKind.Confirm)))));
        await cluster.Sqs.DeleteMessageBatchAsync(queueUrl, [.. messages.Select((message, index) => new DeleteMessageBatchRequestEntry($"{index}", message.ReceiptHandle))]);
    }

    private async Task AddAsync(MessageImage image, bool confirmed)
    {
        await _slots.WaitAsync();
        try
        {
            var response = await cluster.Dynamo.UpdateItemAsync(new UpdateItemRequest
            {
                TableName = Table,
                Key = new() { ["s3_image_url"] = new AttributeValue(image.Url.Value), ["label"] = new AttributeValue(image.Label.Value) },
                UpdateExpression = confirmed ? "ADD WorkerConfirmCount :one" : "ADD WorkerDisconfirmCount :one",
                ExpressionAttributeValues = new() { [":one"] = new AttributeValue { N = "1" } },
                ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
            });
            lock (_slots) _units += response.ConsumedCapacity.CapacityUnits ?? 0;
        }
        finally
        {
            _slots.Release();
        }
    }
}

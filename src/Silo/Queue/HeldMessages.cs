using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>
/// The messages in our hands: hidden from other consumers for as long as we hold them, deleted in batches when done, or
/// given back to be received again after a while.
/// </summary>
internal sealed partial class HeldMessages(
    IAmazonSQS sqs, IOptions<QueueOptions> options, TimeProvider time, QueueMetrics metrics, ILogger<HeldMessages> log)
{
    private const int MaxBatch = 10;
    private const int MaxAttempts = 5;

    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, Message> _held = new();
    private readonly Channel<Message> _done = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });

    public int Count => _held.Count;

    public void Hold(Message message) => _held[message.ReceiptHandle] = message;

    /// <summary>To be deleted, soon and in a batch with others.</summary>
    public void Delete(Message message)
    {
        _done.Writer.TryWrite(message);
        _held.TryRemove(message.ReceiptHandle, out _);
    }

    /// <summary>To be received again after <paramref name="rest"/>, by whomever. Tried once: failing, it comes back by itself.</summary>
    public async Task ReleaseAsync(Message message, TimeSpan rest)
    {
        _held.TryRemove(message.ReceiptHandle, out _);
        try
        {
            await sqs.ChangeMessageVisibilityAsync(options.Value.Url, message.ReceiptHandle, (int)rest.TotalSeconds);
        }
        catch (Exception e) when (AwsFailures.IsKnown(e))
        {
            LogNotReleased(e, message.MessageId);
        }
    }

    /// <summary>Keeps what is held hidden, until cancelled.</summary>
    public async Task ExtendAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Value.VisibilityTimeout / 3, time);
        while (await TickAsync(timer, cancellation))
        {
            foreach (var batch in _held.Values.Chunk(MaxBatch))
            {
                try
                {
                    await sqs.ChangeMessageVisibilityBatchAsync(options.Value.Url, [.. batch.Select((message, index) =>
                        new ChangeMessageVisibilityBatchRequestEntry(Id(index), message.ReceiptHandle)
                        {
                            VisibilityTimeout = (int)options.Value.VisibilityTimeout.TotalSeconds,
                        })], CancellationToken.None);
                }
                catch (Exception e) when (AwsFailures.IsKnown(e))
                {
                    // There is another try before they become visible; and then another consumer merges the same votes.
                    LogNotExtended(e, batch.Length);
                }
            }
        }
    }

    /// <summary>Deletes what is done, until cancelled and nothing is left to delete.</summary>
    public async Task DeleteAsync(CancellationToken cancellation)
    {
        await using var end = cancellation.Register(() => _done.Writer.Complete());
        while (await _done.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Task.Delay(_gather, time, CancellationToken.None);
            for (List<Message> batch; (batch = Take()).Count > 0;) await DeleteAsync(batch);
        }
    }

    private async Task DeleteAsync(List<Message> batch)
    {
        var left = batch;
        for (var attempt = 1; left.Count > 0; attempt++)
        {
            try
            {
                var response = await sqs.DeleteMessageBatchAsync(
                    options.Value.Url, [.. left.Select((message, index) => new DeleteMessageBatchRequestEntry(Id(index), message.ReceiptHandle))]);
                metrics.Deleted.Add(response.Successful?.Count ?? 0);
                var failed = (response.Failed ?? []).Where(entry => entry.SenderFault is not true).Select(entry => entry.Id).ToHashSet();
                left = [.. left.Where((_, index) => failed.Contains(Id(index)))];
            }
            catch (Exception e) when (AwsFailures.IsKnown(e))
            {
                LogNotDeleted(e, left.Count, attempt);
            }
            // What can't be deleted is received again, and its votes are found present.
            if (attempt == MaxAttempts) return;
            if (left.Count > 0) await Task.Delay(_gather * (1 << attempt), time);
        }
    }

    private List<Message> Take()
    {
        var batch = new List<Message>(MaxBatch);
        while (batch.Count < MaxBatch && _done.Reader.TryRead(out var message)) batch.Add(message);
        return batch;
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static string Id(int index) => index.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Warning, "Message {MessageId} could not be given back; it becomes visible again by itself")]
    private partial void LogNotReleased(Exception exception, string messageId);

    [LoggerMessage(LogLevel.Warning, "{Count} messages could not be kept hidden")]
    private partial void LogNotExtended(Exception exception, int count);

    [LoggerMessage(LogLevel.Warning, "{Count} messages could not be deleted in attempt {Attempt}")]
    private partial void LogNotDeleted(Exception exception, int count, int attempt);
}

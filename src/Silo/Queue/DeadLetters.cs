using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>A message that could not be taken.</summary>
/// <param name="Id">By which it can be redriven.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When it was set aside.</param>
/// <param name="Body">As it came.</param>
public sealed record DeadLetter(string Id, string Reason, DateTimeOffset At, string Body);

/// <summary>Messages set aside with their reasons, and the way back.</summary>
public sealed class DeadLetters(IAmazonSQS sqs, IOptions<QueueOptions> options)
{
    private const int MaxPage = 10;

    /// <summary>How long messages are out of others' sight while they are looked at or moved.</summary>
    private static readonly TimeSpan _hold = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Sets a message aside, with as much of the reason as the queue takes beside the body. Durable on return; repeating it
    /// makes a second copy.
    /// </summary>
    public Task AddAsync(string body, string reason, CancellationToken cancellation)
    {
        var request = new SendMessageRequest(options.Value.DeadLetterUrl, body);
        if (DeadLetterReason.Fit(reason, body) is { } text)
            request.MessageAttributes = new() { [DeadLetterReason.Attribute] = new MessageAttributeValue { DataType = DeadLetterReason.DataType, StringValue = text } };
        return sqs.SendMessageAsync(request, cancellation);
    }

    /// <summary>
    /// At most <paramref name="limit"/> messages, which stay where they are; nobody else sees them meanwhile. SQS gives a
    /// sample where there are many.
    /// </summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(int limit, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Message>();
        while (found.Count < limit && await ReceiveAsync(limit - found.Count, cancellation) is { Count: > 0 } page)
            foreach (var message in page) found[message.MessageId] = message;
        await ReleaseAsync(found.Values, cancellation);
        return [.. found.Values.Select(Read)];
    }

    /// <summary>
    /// Moves messages back to the queue they came from. A crash on the way leaves some in both, which is harmless: a vote
    /// counts once.
    /// </summary>
    /// <param name="ids">Which; null: all that are found.</param>
    /// <param name="limit">How many are looked at, at most.</param>
    /// <param name="cancellation">Ends it between two messages.</param>
    /// <returns>How many were moved.</returns>
    public async Task<int> RedriveAsync(IReadOnlySet<string>? ids, int limit, CancellationToken cancellation)
    {
        // No more than lie there now: what is still poison comes back while we are at it.
        var there = await sqs.GetQueueAttributesAsync(options.Value.DeadLetterUrl, [QueueAttributeName.ApproximateNumberOfMessages], cancellation);
        var bound = Math.Min(limit, there.ApproximateNumberOfMessages);
        var (seen, moved, others) = (0, 0, new List<Message>());
        while (seen < bound && await ReceiveAsync(bound - seen, cancellation) is { Count: > 0 } page)
        {
            seen += page.Count;
            foreach (var message in page)
            {
                if (ids?.Contains(message.MessageId) is false)
                {
                    others.Add(message);
                    continue;
                }
                await sqs.SendMessageAsync(new SendMessageRequest(options.Value.Url, message.Body), cancellation);
                await sqs.DeleteMessageAsync(options.Value.DeadLetterUrl, message.ReceiptHandle, cancellation);
                moved++;
            }
        }
        await ReleaseAsync(others, cancellation);
        return moved;
    }

    private async Task<IReadOnlyList<Message>> ReceiveAsync(int limit, CancellationToken cancellation)
    {
        var request = new ReceiveMessageRequest(options.Value.DeadLetterUrl)
        {
            MaxNumberOfMessages = Math.Min(MaxPage, limit),
            VisibilityTimeout = (int)_hold.TotalSeconds,
            WaitTimeSeconds = 1,
            MessageAttributeNames = [DeadLetterReason.Attribute],
            MessageSystemAttributeNames = [MessageSystemAttributeName.SentTimestamp],
        };
        return (await sqs.ReceiveMessageAsync(request, cancellation)).Messages ?? [];
    }

    private async Task ReleaseAsync(IEnumerable<Message> messages, CancellationToken cancellation)
    {
        foreach (var batch in messages.Chunk(MaxPage))
            await sqs.ChangeMessageVisibilityBatchAsync(options.Value.DeadLetterUrl, [.. batch.Select((message, index) =>
                new ChangeMessageVisibilityBatchRequestEntry(index.ToString(CultureInfo.InvariantCulture), message.ReceiptHandle) { VisibilityTimeout = 0 })], cancellation);
    }

    private static DeadLetter Read(Message message) => new(
        message.MessageId,
        message.MessageAttributes is { } attributes && attributes.TryGetValue(DeadLetterReason.Attribute, out var reason)
            ? reason.StringValue
            // What SQS itself set aside has no reason of ours.
            : DeadLetterReason.HasRoom(message.Body) ? "it was received too many times without success" : "its body left no room for a reason",
        MessageTimes.SentAt(message),
        message.Body);
}

internal static class MessageTimes
{
    /// <summary>When the message was sent, by SQS's clock.</summary>
    public static DateTimeOffset SentAt(Message message) =>
        message.Attributes is { } attributes && attributes.TryGetValue(MessageSystemAttributeName.SentTimestamp, out var sent)
        && long.TryParse(sent, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.UnixEpoch;

    /// <summary>How many times it was received, this one included.</summary>
    public static int ReceiveCount(Message message) =>
        message.Attributes is { } attributes && attributes.TryGetValue(MessageSystemAttributeName.ApproximateReceiveCount, out var count)
        && int.TryParse(count, CultureInfo.InvariantCulture, out var number) ? number : 1;
}

using System.Net;
using Amazon.SQS;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>How much waits, by SQS's own estimates.</summary>
/// <param name="Waiting">Messages that nobody has taken yet; null where it may not be asked.</param>
/// <param name="UnderWay">Messages that somebody is at; null where it may not be asked.</param>
/// <param name="DeadLetters">Messages set aside; null where it may not be asked.</param>
/// <param name="Problem">What is missing to tell all three; null for nothing.</param>
public sealed record QueueDepth(long? Waiting, long? UnderWay, long? DeadLetters, string? Problem);

/// <summary>Asks the queues how much lies in them.</summary>
public sealed class QueueDepths(IAmazonSQS sqs, IOptions<QueueOptions> options)
{
    private static readonly List<string> _counts = [QueueAttributeName.ApproximateNumberOfMessages, QueueAttributeName.ApproximateNumberOfMessagesNotVisible];

    /// <exception cref="AmazonSQSException">SQS refuses for another reason than that this process may not ask.</exception>
    public async Task<QueueDepth> ReadAsync(CancellationToken cancellation)
    {
        var (votes, letters) = (await CountAsync(options.Value.Url, cancellation), await CountAsync(options.Value.DeadLetterUrl, cancellation));
        string[] refused = [.. votes is null ? ["the vote queue"] : (string[])[], .. letters is null ? ["the dead-letter queue"] : (string[])[]];
        return new QueueDepth(
            votes?.Waiting, votes?.UnderWay, letters?.Waiting, refused.Length == 0 ? null : $"The API's role may not ask {string.Join(" and ", refused)}: it needs sqs:GetQueueAttributes there.");
    }

    private async Task<(long Waiting, long UnderWay)?> CountAsync(string? url, CancellationToken cancellation)
    {
        try
        {
            var counts = await sqs.GetQueueAttributesAsync(url, _counts, cancellation);
            return (counts.ApproximateNumberOfMessages, counts.ApproximateNumberOfMessagesNotVisible);
        }
        catch (AmazonSQSException e) when (e.StatusCode == HttpStatusCode.Forbidden || e.ErrorCode is "AccessDenied" or "AccessDeniedException")
        {
            return null;
        }
    }
}

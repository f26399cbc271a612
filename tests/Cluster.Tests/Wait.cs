using Amazon.SQS;

namespace BulkQA.Cluster.Tests;

/// <summary>Waits for states, and what to look at meanwhile.</summary>
internal static class Wait
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Until it holds; fails with what <paramref name="otherwise"/> says where it doesn't within the limit.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> otherwise)
    {
        using var end = new CancellationTokenSource(limit);
        while (!await condition())
        {
            if (end.IsCancellationRequested) Assert.Fail(otherwise());
            await Task.Delay(_interval, TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Messages in a queue, seen and unseen.</summary>
    public static async Task<int> CountMessagesAsync(this AmazonSQSClient sqs, string queueUrl)
    {
        var attributes = await sqs.GetQueueAttributesAsync(queueUrl, ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], Cancellation);
        return attributes.ApproximateNumberOfMessages + attributes.ApproximateNumberOfMessagesNotVisible;
    }
}

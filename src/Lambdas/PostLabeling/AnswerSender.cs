using System.Globalization;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>Puts messages in the queue, in batches of ten or of as many as a batch's size takes.</summary>
internal sealed class AnswerSender(string queueUrl, AmazonSQSClient sqs)
{
    private const int MaxBatch = 10;
    private const int MaxAttempts = 6;

    public static AmazonSQSConfig Config => new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Returns once the queue holds every message; some may be there twice.</summary>
    /// <exception cref="IOException">The queue kept refusing some.</exception>
    public async Task SendAsync(IEnumerable<byte[]> messages, CancellationToken cancellation)
    {
        var batch = new List<byte[]>();
        var bytes = 0;
        foreach (var message in messages)
        {
            if (batch.Count == MaxBatch || (batch.Count > 0 && bytes + message.Length > AnswersMessage.QueueBytes))
            {
                await SendBatchAsync(batch, cancellation);
                batch.Clear();
                bytes = 0;
            }
            batch.Add(message);
            bytes += message.Length;
        }
        if (batch.Count > 0) await SendBatchAsync(batch, cancellation);
    }

    /// <summary>A batch answers 200 though entries of it failed: those are sent again.</summary>
    private async Task SendBatchAsync(List<byte[]> messages, CancellationToken cancellation)
    {
        var left = messages.Select((message, index) => new SendMessageBatchRequestEntry(
            index.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetString(message))).ToList();
        var delay = TimeSpan.FromMilliseconds(100);
        for (var attempt = 1; ; attempt++)
        {
            var response = await sqs.SendMessageBatchAsync(new SendMessageBatchRequest(queueUrl, left), cancellation);
            if (response.Failed is not { Count: > 0 } failed) return;
            if (attempt == MaxAttempts || failed.Exists(entry => entry.SenderFault is true))
                throw new IOException($"the queue did not take {failed.Count} of {messages.Count} messages: {failed[0].Code} {failed[0].Message}");
            var again = failed.Select(entry => entry.Id).ToHashSet();
            left = left.FindAll(entry => again.Contains(entry.Id));
            await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), TimeProvider.System, cancellation);
            delay *= 2;
        }
    }
}

using System.Globalization;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// A queue that keeps SQS's promises and no more: at least once, in no order, a message hidden while somebody has it, or
/// not quite as long; answers get lost, batches are refused in part.
/// </summary>
internal sealed class SimulatedQueue(TimeProvider clock, FaultPlan plan)
{
    public const string Url = "http://queue/votes";
    public const string DeadLetterUrl = "http://queue/dead";

    private readonly Dictionary<string, Stored> _messages = [];
    private readonly List<string> _dead = [];
    private long _next;

    public bool IsEmpty
    {
        get
        {
            lock (_messages) return _messages.Count == 0;
        }
    }

    public IReadOnlyList<string> DeadLetters
    {
        get
        {
            lock (_messages) return [.. _dead];
        }
    }

    public void Send(string body)
    {
        lock (_messages)
        {
            var id = $"m{_next++}";
            _messages[id] = new Stored(id, body, clock.GetUtcNow());
        }
    }

    /// <summary>A consumer's connection, which ends with its process.</summary>
    public Client Connect() => new(this);

    private List<Message> Take(int most, TimeSpan hidden)
    {
        lock (_messages)
        {
            var now = clock.GetUtcNow();
            var visible = _messages.Values.Where(message => message.VisibleAt <= now).OrderBy(_ => plan.Next(int.MaxValue)).Take(1 + plan.Next(most)).ToList();
            return visible.ConvertAll(message =>
            {
                message.Receipts++;
                message.Handle = $"{message.Id}/{message.Receipts}";
                // Now and then visible again at once: two have it.
                message.VisibleAt = plan.Happens(0.05) ? now : now + hidden;
                return new Message
                {
                    MessageId = message.Id,
                    ReceiptHandle = message.Handle,
                    Body = message.Body,
                    Attributes = new()
                    {
                        ["SentTimestamp"] = message.SentAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                        ["ApproximateReceiveCount"] = message.Receipts.ToString(CultureInfo.InvariantCulture),
                    },
                };
            });
        }
    }

    /// <summary>By the latest receipt only: an older one is answered like any other, and does nothing.</summary>
    private void Find(string handle, Action<Stored> act)
    {
        lock (_messages)
        {
            if (_messages.TryGetValue(handle.Split('/')[0], out var message) && message.Handle == handle) act(message);
        }
    }

    private sealed class Stored(string id, string body, DateTimeOffset now)
    {
        public string Id => id;

        public string Body => body;

        public DateTimeOffset SentAt { get; } = now;

        public DateTimeOffset VisibleAt { get; set; } = now;

        public int Receipts { get; set; }

        public string Handle { get; set; } = "";
    }

    internal sealed class Client(SimulatedQueue queue) : AmazonSQSClient(new AnonymousAWSCredentials(), new AmazonSQSConfig { ServiceURL = "http://localhost", MaxErrorRetry = 0 })
    {
        private volatile bool _crashed;

        /// <summary>The process is gone: nothing of it reaches the queue any more.</summary>
        public void Crash() => _crashed = true;

        public override Task<ReceiveMessageResponse> ReceiveMessageAsync(ReceiveMessageRequest request, CancellationToken cancellationToken = default) => CallAsync(async () =>
        {
            var messages = queue.Take(request.MaxNumberOfMessages ?? 1, TimeSpan.FromSeconds(request.VisibilityTimeout ?? 30));
            if (messages.Count == 0) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
            return new ReceiveMessageResponse { Messages = messages.Count == 0 ? null : messages };
        });

        public override Task<DeleteMessageBatchResponse> DeleteMessageBatchAsync(DeleteMessageBatchRequest request, CancellationToken cancellationToken = default) => CallAsync(() =>
        {
            var failed = request.Entries.FindAll(_ => queue.Plan.Happens(0.03));
            foreach (var entry in request.Entries.Except(failed)) queue.Find(entry.ReceiptHandle, message => queue._messages.Remove(message.Id));
            return Task.FromResult(new DeleteMessageBatchResponse
            {
                Successful = request.Entries.Except(failed).Select(entry => new DeleteMessageBatchResultEntry { Id = entry.Id }).ToList(),
                Failed = failed.ConvertAll(entry => new BatchResultErrorEntry { Id = entry.Id, Code = "InternalError", SenderFault = false }),
            });
        });

        public override Task<ChangeMessageVisibilityResponse> ChangeMessageVisibilityAsync(ChangeMessageVisibilityRequest request, CancellationToken cancellationToken = default) => CallAsync(() =>
        {
            Hide(request.ReceiptHandle, request.VisibilityTimeout);
            return Task.FromResult(new ChangeMessageVisibilityResponse());
        });

        public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(ChangeMessageVisibilityBatchRequest request, CancellationToken cancellationToken = default) => CallAsync(() =>
        {
            foreach (var entry in request.Entries) Hide(entry.ReceiptHandle, entry.VisibilityTimeout);
            return Task.FromResult(new ChangeMessageVisibilityBatchResponse());
        });

        public override Task<SendMessageResponse> SendMessageAsync(SendMessageRequest request, CancellationToken cancellationToken = default) => CallAsync(() =>
        {
            if (request.QueueUrl != DeadLetterUrl) throw new InvalidOperationException($"nothing is sent to {request.QueueUrl}");
            lock (queue._messages) queue._dead.Add(request.MessageBody);
            return Task.FromResult(new SendMessageResponse());
        });

        private void Hide(string handle, int? seconds) =>
            queue.Find(handle, message => message.VisibleAt = queue.Clock.GetUtcNow() + TimeSpan.FromSeconds(seconds ?? 0));

        private async Task<T> CallAsync<T>(Func<Task<T>> call)
        {
            if (_crashed) throw new IOException("this process crashed (injected)");
            switch (queue.Plan.Draw())
            {
                case Fault.Fail:
                    throw new AmazonSQSException("refused (injected)") { StatusCode = System.Net.HttpStatusCode.InternalServerError };
                case Fault.LoseAnswer:
                    await call();
                    throw new AmazonSQSException("the answer got lost (injected)") { StatusCode = System.Net.HttpStatusCode.ServiceUnavailable };
                case Fault.Delay:
                    await Task.Delay(TimeSpan.FromMilliseconds(1 + queue.Plan.Next(8)), TimeProvider.System, CancellationToken.None);
                    break;
            }
            var result = await call();
            // What arrives after the crash arrives nowhere.
            return _crashed ? throw new IOException("this process crashed (injected)") : result;
        }
    }

    private FaultPlan Plan => plan;

    private TimeProvider Clock => clock;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>
/// Receives messages and has their votes counted. A message is deleted only when every vote in it is durable or set
/// aside with the reason; until then it stays ours or goes back to the queue. Stopping ends receiving first, lets what is
/// under way finish, and gives the rest back.
/// </summary>
internal sealed partial class VoteConsumer(
    IAmazonSQS sqs, AnswersHandler handler, DeadLetters deadLetters, HeldMessages held, IOptions<QueueOptions> options,
    TimeProvider time, QueueMetrics metrics, ILogger<VoteConsumer> log) : BackgroundService
{
    private const int MaxPerReceive = 10;

    private static readonly TimeSpan _firstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Task, bool> _handling = new();
    private readonly CancellationTokenSource _giveUp = new();

    public override void Dispose()
    {
        base.Dispose();
        _giveUp.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var inFlight = new InFlightLimit(options.Value, time);
        metrics.Observe(inFlight);
        using var drained = new CancellationTokenSource();
        var service = Task.WhenAll(held.ExtendAsync(drained.Token), held.DeleteAsync(drained.Token));
        var receivers = Enumerable.Range(0, options.Value.Receivers).Select(_ => ReceiveAsync(inFlight, stoppingToken)).ToList();
        // None of them ends before we stop, unless by a fault of ours: that ends the host, and ECS starts another.
        await await Task.WhenAny([.. receivers, service]);
        await Task.WhenAll(receivers);
        // Measured by our own clock and not the host's token: what is left after it still has to be given back.
        _giveUp.CancelAfter(options.Value.DrainTimeout);
        LogDraining(held.Count);
        await Task.WhenAll(_handling.Keys);
        await drained.CancelAsync();
        await service;
        LogDrained();
    }

    private async Task ReceiveAsync(InFlightLimit inFlight, CancellationToken stopping)
    {
        var pause = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // They are let in in order: past this point everything received before is.
                await inFlight.WaitAsync(stopping);
                if (pause > TimeSpan.Zero) await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            try
            {
                // Not cancelled when stopping: messages on their way to us would be hidden from everyone for a while.
                var response = await sqs.ReceiveMessageAsync(Request(), CancellationToken.None);
                pause = TimeSpan.Zero;
                foreach (var message in response.Messages ?? [])
                {
                    held.Hold(message);
                    Start(stopping.IsCancellationRequested ? held.ReleaseAsync(message, TimeSpan.Zero) : HandleAsync(message, inFlight));
                }
            }
            catch (Exception e) when (AwsFailures.IsKnown(e))
            {
                pause = pause == TimeSpan.Zero ? _firstBackoff : TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, pause.Ticks * 2));
                LogNotReceived(e, pause);
            }
        }
    }

    private ReceiveMessageRequest Request() => new(options.Value.Url)
    {
        MaxNumberOfMessages = MaxPerReceive,
        WaitTimeSeconds = (int)options.Value.ReceiveWait.TotalSeconds,
        VisibilityTimeout = (int)options.Value.VisibilityTimeout.TotalSeconds,
        MessageSystemAttributeNames = [MessageSystemAttributeName.SentTimestamp, MessageSystemAttributeName.ApproximateReceiveCount],
    };

    private void Start(Task handling)
    {
        _handling[handling] = true;
        _ = handling.ContinueWith(ended => _handling.TryRemove(ended, out _), TaskScheduler.Default);
    }

    private async Task HandleAsync(Message message, InFlightLimit inFlight)
    {
        metrics.Received.Add(1);
        if (MessageTimes.ReceiveCount(message) > 1) metrics.Redelivered.Add(1);
        using var activity = QueueMetrics.Traces.StartActivity("votes", ActivityKind.Consumer);
        activity?.SetTag("messaging.message.id", message.MessageId);
        var about = new Subject();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        try
        {
            if (await TryHandleAsync(message, about, inFlight, limit) is { } reason)
            {
                await deadLetters.AddAsync(message.Body, reason, limit.Token);
                metrics.DeadLettered.Add(1);
                LogDeadLettered(message.MessageId, about.Job, about.Task, reason);
            }
            held.Delete(message);
            metrics.Lag.Record((time.GetUtcNow() - MessageTimes.SentAt(message)).TotalSeconds);
        }
        // Poison was sorted out above: whatever arrives here is tried again. What is our fault is no reason to bury votes.
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            var rest = _giveUp.IsCancellationRequested ? TimeSpan.Zero : Backoff(MessageTimes.ReceiveCount(message));
            metrics.Postponed.Add(1);
            if (FailureClassifier.Classify(e) == FailureKind.Transient) LogPostponed(e.Message, message.MessageId, about.Job, about.Task, rest);
            else LogFailed(e, message.MessageId, about.Job, about.Task, rest);
            await held.ReleaseAsync(message, rest);
        }
    }

    /// <summary>Why the message, or a part of it, goes to the dead-letter queue; null where everything counts.</summary>
    private async Task<string?> TryHandleAsync(Message message, Subject about, InFlightLimit inFlight, CancellationTokenSource limit)
    {
        try
        {
            var (answers, unreadable) = AnswersMessage.Parse(Encoding.UTF8.GetBytes(message.Body));
            (about.Job, about.Task) = (answers.Job.Value, answers.Task?.ToString());
            Activity.Current?.SetTag("bulkqa.job", about.Job).SetTag("bulkqa.task", about.Task);
            using var permit = await inFlight.EnterAsync(answers.ImageCount, limit.Token);
            limit.CancelAfter(options.Value.HandlerTimeout);
            var problems = await handler.HandleAsync(answers, unreadable).WaitAsync(limit.Token);
            return problems.Count == 0 ? null : string.Join("; ", problems);
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Poison)
        {
            return e.Message;
        }
    }

    /// <summary>Doubles with every receipt, and spreads, so that what failed together does not come back together.</summary>
    private TimeSpan Backoff(int receipts)
    {
        var longest = Math.Min(options.Value.MaxBackoff.TotalSeconds, Math.Pow(2, Math.Min(receipts, 20)));
        return TimeSpan.FromSeconds(Math.Max(1, longest * (0.5 + (Random.Shared.NextDouble() / 2))));
    }

    [LoggerMessage(LogLevel.Warning, "The queue could not be read; next try after {Pause}")]
    private partial void LogNotReceived(Exception exception, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "Message {MessageId} of job {Job}, task {Task}, went to the dead-letter queue: {Reason}")]
    private partial void LogDeadLettered(string messageId, string? job, string? task, string reason);

    [LoggerMessage(LogLevel.Information, "Message {MessageId} of job {Job}, task {Task}, is tried again after {Rest}: {Reason}")]
    private partial void LogPostponed(string reason, string messageId, string? job, string? task, TimeSpan rest);

    [LoggerMessage(LogLevel.Error, "Message {MessageId} of job {Job}, task {Task}, failed as it should not, and is tried again after {Rest}")]
    private partial void LogFailed(Exception exception, string messageId, string? job, string? task, TimeSpan rest);

    [LoggerMessage(LogLevel.Information, "Receiving has ended; {Count} messages are being finished")]
    private partial void LogDraining(int count);

    [LoggerMessage(LogLevel.Information, "No message is left in our hands")]
    private partial void LogDrained();

    /// <summary>What a message is about, as far as it can be read.</summary>
    private sealed class Subject
    {
        public string? Job { get; set; }

        public string? Task { get; set; }
    }
}

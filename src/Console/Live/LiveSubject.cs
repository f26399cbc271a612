using Microsoft.Extensions.Logging;

namespace BulkQA.Web;

/// <summary>One thing that is looked at, and who does; asked for as long as anybody does.</summary>
/// <param name="scope">Of all who do: an answer that one of them gets is one for all.</param>
/// <param name="path">What to <c>GET</c>.</param>
/// <param name="read">Reads the answer.</param>
/// <param name="move">Takes a subscriber elsewhere whose scope has become another.</param>
internal sealed partial class LiveSubject(string scope, string path, Func<byte[], object> read, Func<LiveSubscriber, Task> move, TimeProvider time, ILogger log)
{
    private readonly Lock _lock = new();
    private readonly List<LiveSubscriber> _subscribers = [];
    private bool _isOver;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _rounds;
    private byte[]? _body;
    private object? _value;

    /// <summary>Completed once nobody looks any more, and nothing runs.</summary>
    public Task Ended => _rounds ?? Task.CompletedTask;

    /// <summary>False where the subject is over: another is to be made.</summary>
    public bool TryAdd(LiveSubscriber subscriber, Action over, CancellationToken end)
    {
        lock (_lock)
        {
            if (_isOver) return false;
            _subscribers.Add(subscriber);
            _arrived.TrySetResult();
            _rounds ??= Task.Run(() => RunAsync(over, end), CancellationToken.None);
            return true;
        }
    }

    private async Task RunAsync(Action over, CancellationToken end)
    {
        try
        {
            for (var isFirst = true; Present() is { Count: > 0 } present; isFirst = false)
            {
                var began = time.GetTimestamp();
                await RoundAsync(present, end);
                // The first one loads and compiles what it needs, and says nothing of what the others take.
                var rest = isFirst ? LiveFeed.Period : time.GetElapsedTime(began) * LiveFeed.RestFactor;
                await WaitAsync(rest < LiveFeed.Period ? LiveFeed.Period : rest > LiveFeed.MaxRest ? LiveFeed.MaxRest : rest, end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The process ends.
        }
        finally
        {
            lock (_lock) _isOver = true;
            over();
        }
    }

    /// <summary>Those who still look; where there are none, the subject is over.</summary>
    private List<LiveSubscriber> Present()
    {
        lock (_lock)
        {
            _subscribers.RemoveAll(subscriber => subscriber.IsGone);
            _isOver = _subscribers.Count == 0;
            return [.. _subscribers];
        }
    }

    /// <summary>Whoever has just come does not wait for the next round.</summary>
    private async Task WaitAsync(TimeSpan rest, CancellationToken end)
    {
        Task arrived;
        lock (_lock)
        {
            if (_subscribers.Exists(subscriber => subscriber.CheckedAt is null && !subscriber.IsGone && subscriber.Fails == 0)) return;
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            arrived = _arrived.Task;
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(end);
        await Task.WhenAny(arrived, Task.Delay(rest, time, ended.Token));
        await ended.CancelAsync();
        end.ThrowIfCancellationRequested();
    }

    private async Task RoundAsync(List<LiveSubscriber> present, CancellationToken end)
    {
        var now = time.GetUtcNow();
        // Each in its turn asks in its own name, and so do those who have not been looked at for long.
        var due = present.FindAll(subscriber => subscriber.CheckedAt is not { } at || now - at >= LiveFeed.CheckInterval);
        if (due.Count == 0) due.Add(present.MinBy(subscriber => subscriber.CheckedAt)!);
        var isNew = false;
        foreach (var subscriber in due) isNew |= await AskAsync(subscriber, isNew, now, end);
        if (!isNew || _value is null) return;
        foreach (var subscriber in present)
            // Whose own right could not be seen for long is told nothing that others were.
            if (subscriber.CheckedAt is { } at && now - at < 2 * LiveFeed.CheckInterval) await subscriber.TellAsync(_value);
    }

    /// <summary>Asks in a subscriber's name.</summary>
    /// <returns>Whether something new came of it, which all are to be told.</returns>
    private async Task<bool> AskAsync(LiveSubscriber subscriber, bool isNew, DateTimeOffset now, CancellationToken end)
    {
        try
        {
            var body = await subscriber.Rest.GetBytesAsync(path, end);
            // What it may see may have become more or less meanwhile: then its answer is none for the others, nor theirs for it.
            if (await subscriber.Rest.GetScopeAsync() != scope)
            {
                lock (_lock) _subscribers.Remove(subscriber);
                subscriber.CheckedAt = null;
                await move(subscriber);
                return false;
            }
            var changed = Take(body);
            if (subscriber.CheckedAt is null && !changed && !isNew && _value is not null) await subscriber.TellAsync(_value);
            (subscriber.CheckedAt, subscriber.Fails) = (now, 0);
            return changed;
        }
        catch (RestException e)
        {
            subscriber.Fails++;
            await subscriber.FailAsync(e);
            if (!e.IsRefused) return false;
            subscriber.CheckedAt = null;
            subscriber.Dispose();
            return false;
        }
        catch (ObjectDisposedException)
        {
            // Its circuit has ended.
            subscriber.Dispose();
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !end.IsCancellationRequested)
        {
            LogFailed(e, path);
            subscriber.Fails++;
            await subscriber.FailAsync(new RestException(503, "Not reached", "The service did not answer. What is shown may be out of date; it is asked again."));
            return false;
        }
    }

    /// <summary>Whether it is other than what was told last.</summary>
    private bool Take(byte[] body)
    {
        if (_body is not null && body.AsSpan().SequenceEqual(_body)) return false;
        (_value, _body) = (read(body), body);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Path} could not be asked for; it is asked again")]
    private partial void LogFailed(Exception exception, string path);
}

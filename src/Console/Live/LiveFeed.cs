using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BulkQA.Web;

/// <summary>
/// Pushes what changes to whoever looks at it. However many consoles of this process look at the same thing, it is asked for once, twice a second at
/// most; what did not change is not pushed. A subject rests <see cref="RestFactor"/> times as long as a round of it took, <see cref="MaxRest"/> at most: so
/// pushing takes a twentieth of a core, however many there are to push to, until a round takes longer than a quarter of a second.
/// </summary>
public sealed partial class LiveFeed(TimeProvider time, ILogger<LiveFeed> log) : IAsyncDisposable
{
    /// <summary>Between two rounds, at least.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>How often each subscriber's own right to see it is looked at.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Of how long a round took.</summary>
    public const int RestFactor = 20;

    /// <summary>Nobody waits longer than that for what has changed.</summary>
    public static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Scope, string Path, Type Type), LiveSubject> _subjects = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Subjects that somebody looks at.</summary>
    public int Subjects => _subjects.Count;

    /// <summary>
    /// Tells <paramref name="told"/> what there is at the path, soon and whenever it has changed, one call after the other, until the subscription
    /// is disposed of or may no longer see it: then <paramref name="failed"/> is told why, once. A failure that may pass is told, too, and the
    /// subject is asked for again.
    /// </summary>
    /// <param name="rest">In whose name it is asked for.</param>
    /// <param name="path">What to <c>GET</c>. It must answer alike all callers of one <see cref="RestClient.GetScopeAsync"/>.</param>
    /// <param name="told">Is told; runs in the feed's turn, and should do no more than show it.</param>
    /// <param name="failed">Is told what went wrong.</param>
    public async Task<IDisposable> SubscribeAsync<T>(RestClient rest, string path, Func<T, Task> told, Func<RestException, Task> failed) where T : class
    {
        var subscriber = new LiveSubscriber(rest, value => told((T)value), failed, log);
        await EnterAsync<T>(subscriber, path);
        return subscriber;
    }

    /// <summary>Among those who may see the same now.</summary>
    private async Task EnterAsync<T>(LiveSubscriber subscriber, string path) where T : class
    {
        var key = (Scope: await subscriber.Rest.GetScopeAsync(), path, typeof(T));
        while (true)
        {
            var subject = _subjects.GetOrAdd(key, _ => new LiveSubject(key.Scope, path, RestClient.Read<T>, other => EnterAsync<T>(other, path), time, log));
            if (subject.TryAdd(subscriber, () => _subjects.TryRemove(key, out var _), _end.Token)) return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var subject in _subjects.Values) await subject.Ended;
        _end.Dispose();
    }
}

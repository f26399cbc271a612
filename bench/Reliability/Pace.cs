namespace BulkQA.Bench;

/// <summary>
/// Calls at a steady rate, whether or not earlier ones have returned, from a thread of its own: work that takes all threads of the
/// pool delays answers, and not the questions.
/// </summary>
internal sealed class Pace : IAsyncDisposable
{
    private readonly ManualResetEventSlim _end = new();
    private readonly List<Task> _calls = [];
    private readonly Task _loop;

    private Pace(int perSecond, Func<Task> call) =>
        _loop = Task.Factory.StartNew(() => Run(TimeSpan.FromSeconds(1.0 / perSecond), call), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Pace Start(int perSecond, Func<Task> call) => new(perSecond, call);

    /// <summary>Ends it, and waits for all calls; throws what one of them threw.</summary>
    public async ValueTask DisposeAsync()
    {
        _end.Set();
        await _loop;
        await Task.WhenAll(_calls);
        _end.Dispose();
    }

    private void Run(TimeSpan interval, Func<Task> call)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 1; ; number++)
        {
            var left = (number * interval) - TimeProvider.System.GetElapsedTime(began);
            if (_end.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero)) return;
            _calls.Add(call());
        }
    }
}

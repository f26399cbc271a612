namespace BulkQA.Grains.Tests;

/// <summary>The system's clock, which a test can put forward. Timers and waits go on as they are.</summary>
public sealed class TestTime : TimeProvider
{
    private long _ahead;
    private long _stoppedAt;

    /// <summary>How far it is ahead.</summary>
    public TimeSpan Ahead
    {
        get => new(Interlocked.Read(ref _ahead));
        set => Interlocked.Exchange(ref _ahead, value.Ticks);
    }

    /// <summary>Has it stand still but for <see cref="Ahead"/>.</summary>
    public void Stop() => Interlocked.Exchange(ref _stoppedAt, System.GetUtcNow().UtcTicks);

    public override DateTimeOffset GetUtcNow() =>
        (Interlocked.Read(ref _stoppedAt) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : System.GetUtcNow()) + Ahead;
}

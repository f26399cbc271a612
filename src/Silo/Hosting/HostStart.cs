namespace BulkQA.Silo;

/// <summary>The start of a host, for services that run in the background and are not to begin before it.</summary>
public static class HostStart
{
    /// <summary>Waits until everything has started.</summary>
    public static async Task WaitForStartAsync(this IHostApplicationLifetime host, CancellationToken cancellation)
    {
        var started = new TaskCompletionSource();
        await using (host.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(cancellation);
    }
}

using Microsoft.Extensions.Logging;

namespace BulkQA.Web;

/// <summary>Somebody who looks at a subject.</summary>
internal sealed partial class LiveSubscriber(RestClient rest, Func<object, Task> told, Func<RestException, Task> failed, ILogger log) : IDisposable
{
    public RestClient Rest { get; } = rest;

    /// <summary>When it was last seen that this subscriber may see the subject; null before the first time.</summary>
    public DateTimeOffset? CheckedAt { get; set; }

    /// <summary>Attempts in a row that failed.</summary>
    public int Fails { get; set; }

    public bool IsGone { get; private set; }

    public Task TellAsync(object value) => GuardAsync(told, value);

    public Task FailAsync(RestException problem) => GuardAsync(failed, problem);

    public void Dispose() => IsGone = true;

    /// <summary>Whatever goes wrong with one is no matter of the others. A circuit may end while it is told; then it is gone, which is nobody's failure.</summary>
    private async Task GuardAsync<T>(Func<T, Task> tell, T value)
    {
        if (IsGone) return;
        try
        {
            await tell(value);
        }
        catch (Exception e)
        {
            IsGone = true;
            if (e is not (ObjectDisposedException or OperationCanceledException or Microsoft.JSInterop.JSDisconnectedException)) LogNotTold(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "A page could not show what it was told, and is told no more")]
    private partial void LogNotTold(Exception exception);
}

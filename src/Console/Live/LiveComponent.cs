using Microsoft.AspNetCore.Components;

namespace BulkQA.Web;

/// <summary>A component that shows something which changes by itself.</summary>
/// <typeparam name="T">What REST answers.</typeparam>
public abstract class LiveComponent<T> : ComponentBase, IDisposable where T : class
{
    private IDisposable? _subscription;
    private string? _path;
    private int _attempt;
    private bool _isDisposed;

    [Inject]
    private LiveFeed Feed { get; set; } = null!;

    [Inject]
    protected RestClient Rest { get; set; } = null!;

    /// <summary>What was told last; null before.</summary>
    protected T? Value { get; private set; }

    /// <summary>What went wrong last; null where all is well.</summary>
    protected Exception? Problem { get; private set; }

    /// <summary>What to <c>GET</c>.</summary>
    protected abstract string Path { get; }

    /// <summary>Begins to look at <see cref="Path"/> where that is another than before. Whoever overrides it calls it.</summary>
    protected override async Task OnParametersSetAsync()
    {
        var path = Path;
        if (path == _path) return;
        _path = path;
        (Value, Problem) = (null, null);
        _subscription?.Dispose();
        var attempt = ++_attempt;
        var subscription = await Feed.SubscribeAsync<T>(Rest, path, value => IfCurrentAsync(attempt, () => Show(value)), problem => IfCurrentAsync(attempt, () => Fail(problem)));
        // Somebody may have gone on meanwhile.
        if (_isDisposed || attempt != _attempt) subscription.Dispose();
        else _subscription = subscription;
    }

    private Task IfCurrentAsync(int attempt, Action show) => _isDisposed || attempt != _attempt ? Task.CompletedTask : InvokeAsync(show);

    /// <summary>Is told something new, before it is shown.</summary>
    protected virtual void OnTold(T value)
    {
    }

    /// <summary>Asks for it as if anew.</summary>
    protected Task RetryAsync()
    {
        _path = null;
        return OnParametersSetAsync();
    }

    /// <summary>Asks for it at once: after a change of one's own, which would be told somewhat later.</summary>
    protected async Task RefreshAsync()
    {
        try
        {
            Show(await Rest.GetAsync<T>(Path));
        }
        catch (RestException problem)
        {
            Fail(problem);
        }
    }

    private void Show(T value)
    {
        (Value, Problem) = (value, null);
        OnTold(value);
        StateHasChanged();
    }

    private void Fail(RestException problem)
    {
        Problem = problem;
        // What may no longer be seen is not left on the screen.
        if (problem.IsRefused) Value = null;
        StateHasChanged();
    }

    public void Dispose()
    {
        _isDisposed = true;
        _subscription?.Dispose();
        GC.SuppressFinalize(this);
    }
}

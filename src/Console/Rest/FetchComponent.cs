using Microsoft.AspNetCore.Components;

namespace BulkQA.Web;

/// <summary>A component that shows something which is asked for once, and again when somebody says so: what costs much to ask for, or is each caller's own.</summary>
/// <typeparam name="T">What REST answers.</typeparam>
public abstract class FetchComponent<T> : ComponentBase where T : class
{
    private string? _path;

    [Inject]
    protected RestClient Rest { get; set; } = null!;

    /// <summary>What was answered last; null before.</summary>
    protected T? Value { get; private set; }

    /// <summary>What went wrong last; null where all is well.</summary>
    protected Exception? Problem { get; private set; }

    protected bool IsLoading { get; private set; }

    /// <summary>What to <c>GET</c>; null for nothing.</summary>
    protected abstract string? Asked { get; }

    protected override Task OnParametersSetAsync()
    {
        if (Asked == _path) return Task.CompletedTask;
        Value = null;
        return LoadAsync();
    }

    /// <summary>Is told what was answered, before it is shown.</summary>
    protected virtual void OnFetched(T value)
    {
    }

    /// <summary>Asks again; what is shown stays meanwhile.</summary>
    protected async Task LoadAsync()
    {
        var path = _path = Asked;
        if (path is null) return;
        (Problem, IsLoading) = (null, true);
        try
        {
            var value = await Rest.GetAsync<T>(path);
            if (path != _path) return;
            Value = value;
            OnFetched(value);
        }
        catch (RestException problem) when (path == _path)
        {
            Problem = problem;
            if (problem.IsRefused) Value = null;
        }
        catch (RestException)
        {
            // Of what nobody looks at any more.
        }
        finally
        {
            if (path == _path) IsLoading = false;
            StateHasChanged();
        }
    }
}

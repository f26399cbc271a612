using Microsoft.AspNetCore.Http.Features;

namespace BulkQA.Api;

/// <summary>An answer that is held in memory: what is to be done before it starts and after it has ended is done when it is whole, the last first.</summary>
internal sealed class PipelineResponse : HttpResponseFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = [];
    private readonly Stack<(Func<object, Task> Callback, object State)> _completed = [];

    public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    public Task StartAsync() => RunAsync(_starting);

    public Task EndAsync() => RunAsync(_completed);

    private static async Task RunAsync(Stack<(Func<object, Task> Callback, object State)> steps)
    {
        while (steps.TryPop(out var step)) await step.Callback(step.State);
    }
}

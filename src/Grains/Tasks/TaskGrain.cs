using Orleans.Placement;

namespace BulkQA.Grains;

/// <inheritdoc cref="ITaskGrain"/>
[PreferLocalPlacement, CollectionAgeLimit(Minutes = 2)]
public sealed class TaskGrain([PersistentState("task")] IPersistentState<TaskRecord> record) : Grain, ITaskGrain
{
    private DurableState<TaskRecord> State => field ??= new(record, DeactivateOnIdle);

    public async Task WriteAsync(TaskContent content)
    {
        await State.SaveAsync(new TaskRecord { Content = content });
        // An import writes tens of thousands of these, and hardly one is asked for soon.
        DeactivateOnIdle();
    }

    public Task<TaskContent?> GetAsync() => Task.FromResult(State.Value.Content);

    public async Task DeleteAsync()
    {
        await State.ClearAsync();
        DeactivateOnIdle();
    }
}

[GenerateSerializer, Alias("BulkQA.TaskRecord")]
public sealed class TaskRecord
{
    [Id(0)]
    public TaskContent? Content { get; init; }
}

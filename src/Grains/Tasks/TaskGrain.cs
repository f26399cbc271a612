using Orleans.Placement;

namespace BulkQA.Grains;

/// <inheritdoc cref="ITaskGrain"/>
[PreferLocalPlacement, CollectionAgeLimit(Minutes = 2)]
public sealed class TaskGrain([PersistentState("task")] IPersistentState<TaskRecord> record) : Grain, ITaskGrain
{
    public async Task WriteAsync(TaskContent content)
    {
        record.State = new TaskRecord { Content = content };
        await record.WriteStateAsync();
        // An import writes tens of thousands of these, and hardly one is asked for soon.
        DeactivateOnIdle();
    }

    public Task<TaskContent?> GetAsync() => Task.FromResult(record.State.Content);

    public async Task DeleteAsync()
    {
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}

[GenerateSerializer, Alias("BulkQA.TaskRecord")]
public sealed class TaskRecord
{
    [Id(0)]
    public TaskContent? Content { get; init; }
}

using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IChangeLogGrain"/>
[StatelessWorker, Reentrant]
public sealed class ChangeLogGrain(IChangeLog changes) : Grain, IChangeLogGrain
{
    public Task WriteAsync(ChangeRecord record) => changes.WriteAsync(record);

    public Task RemoveAsync(ChangePosition position) => changes.RemoveAsync(position);
}

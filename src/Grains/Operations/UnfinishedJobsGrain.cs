using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <inheritdoc cref="IUnfinishedJobsGrain"/>
internal sealed class UnfinishedJobsGrain([PersistentState("unfinished")] IPersistentState<UnfinishedJobsRecord> record) : Grain, IUnfinishedJobsGrain
{
    private DurableState<UnfinishedJobsRecord> State => field ??= new(record, DeactivateOnIdle);

    private ImmutableArray<string> Keys => State.Value.Keys;

    public Task AddAsync(JobName name) => Find(name) is var index && index >= 0 ? Task.CompletedTask : SaveAsync(Keys.Insert(~index, name.Key));

    public Task RemoveAsync(JobName name) => Find(name) is var index && index < 0 ? Task.CompletedTask : SaveAsync(Keys.RemoveAt(index));

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult(Keys);

    private int Find(JobName name) => Keys.BinarySearch(name.Key, StringComparer.Ordinal);

    private Task SaveAsync(ImmutableArray<string> keys) => State.SaveAsync(new UnfinishedJobsRecord { Keys = keys });
}

/// <summary>The keys of jobs with operations that may not have ended, in ordinal order.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.UnfinishedJobsRecord")]
public sealed record UnfinishedJobsRecord
{
    [Id(0)]
    public ImmutableArray<string> Keys { get; init; } = [];
}

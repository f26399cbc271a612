using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <inheritdoc cref="IJobIndexGrain"/>
public sealed class JobIndexGrain([PersistentState("jobs")] IPersistentState<JobIndexRecord> record) : Grain, IJobIndexGrain
{
    private DurableState<JobIndexRecord> State => field ??= new(record, DeactivateOnIdle);

    public async Task<bool> AddAsync(JobName name)
    {
        var keys = State.Value.Keys;
        var index = keys.BinarySearch(name.Key, StringComparer.Ordinal);
        if (index >= 0) return true;
        if (keys.Length >= JobLimits.MaxJobs) return false;
        await SaveAsync(keys.Insert(~index, name.Key));
        return true;
    }

    public async Task RemoveAsync(JobName name)
    {
        var keys = State.Value.Keys;
        var index = keys.BinarySearch(name.Key, StringComparer.Ordinal);
        if (index >= 0) await SaveAsync(keys.RemoveAt(index));
    }

    public Task<ImmutableArray<string>> ListAsync(string? after, int limit) => Task.FromResult<ImmutableArray<string>>(
        [.. State.Value.Keys.Where(key => string.CompareOrdinal(key, after ?? "") > 0).Take(limit)]);

    private Task SaveAsync(ImmutableArray<string> keys) => State.SaveAsync(new JobIndexRecord { Keys = keys });
}

/// <summary>The keys of all jobs, in ordinal order.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobIndexRecord")]
public sealed record JobIndexRecord
{
    [Id(0)]
    public ImmutableArray<string> Keys { get; init; } = [];
}

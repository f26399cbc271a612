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
        if (Find(keys, name) >= 0) return true;
        if (keys.Length >= JobLimits.MaxJobs) return false;
        await State.SaveAsync(State.Value with { Keys = With(keys, name) });
        return true;
    }

    public async Task RemoveAsync(JobName name)
    {
        var keys = State.Value.Keys;
        if (Find(keys, name) >= 0) await State.SaveAsync(State.Value with { Keys = Without(keys, name) });
    }

    public Task<ImmutableArray<string>> ListAsync(string? after, int limit) => Task.FromResult<ImmutableArray<string>>(
        [.. State.Value.Keys.Where(key => string.CompareOrdinal(key, after ?? "") > 0).Take(limit)]);

    public async Task MarkUnfinishedAsync(JobName name)
    {
        var unfinished = State.Value.Unfinished;
        if (Find(unfinished, name) < 0) await State.SaveAsync(State.Value with { Unfinished = With(unfinished, name) });
    }

    public async Task MarkFinishedAsync(JobName name)
    {
        var unfinished = State.Value.Unfinished;
        if (Find(unfinished, name) >= 0) await State.SaveAsync(State.Value with { Unfinished = Without(unfinished, name) });
    }

    public Task<ImmutableArray<string>> ListUnfinishedAsync() => Task.FromResult(State.Value.Unfinished);

    private static int Find(ImmutableArray<string> keys, JobName name) => keys.BinarySearch(name.Key, StringComparer.Ordinal);

    private static ImmutableArray<string> With(ImmutableArray<string> keys, JobName name) => keys.Insert(~Find(keys, name), name.Key);

    private static ImmutableArray<string> Without(ImmutableArray<string> keys, JobName name) => keys.RemoveAt(Find(keys, name));
}

/// <summary>The keys of jobs, in ordinal order.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobIndexRecord")]
public sealed record JobIndexRecord
{
    /// <summary>All jobs.</summary>
    [Id(0)]
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Those with operations that have not ended.</summary>
    [Id(1)]
    public ImmutableArray<string> Unfinished { get; init; } = [];
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// The names of all jobs, under the one key <see cref="Key"/>. A name may outlive its job for as long as the job's rows
/// are being deleted: ask the job.
/// </summary>
[Alias("BulkQA.IJobIndexGrain"), Version(1)]
public interface IJobIndexGrain : IGrainWithStringKey
{
    const string Key = "jobs";

    /// <summary>Durable on return; idempotent.</summary>
    /// <returns>False where there are <see cref="JobLimits.MaxJobs"/> already.</returns>
    [Alias("Add"), SafeToRepeat]
    Task<bool> AddAsync(JobName name);

    /// <inheritdoc cref="AddAsync"/>
    [Alias("Remove"), SafeToRepeat]
    Task RemoveAsync(JobName name);

    /// <summary>Job keys in ordinal order, after <paramref name="after"/>.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<string>> ListAsync(string? after, int limit);

    /// <summary>Notes that the job has operations to be looked after, whether it is in the index or not. Durable on return; idempotent.</summary>
    [Alias("MarkUnfinished"), SafeToRepeat]
    Task MarkUnfinishedAsync(JobName name);

    /// <summary>Takes <see cref="MarkUnfinishedAsync"/> back. Durable on return; idempotent.</summary>
    [Alias("MarkFinished"), SafeToRepeat]
    Task MarkFinishedAsync(JobName name);

    /// <summary>Keys of the jobs whose operations may not have ended, in ordinal order.</summary>
    [Alias("ListUnfinished"), SafeToRepeat]
    Task<ImmutableArray<string>> ListUnfinishedAsync();
}

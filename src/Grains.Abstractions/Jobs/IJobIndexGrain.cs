using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// The names of all jobs, under the one key <see cref="Key"/>. A name may outlive its job for as long as the job's rows
/// are being deleted: ask the job.
/// </summary>
[Alias("BulkQA.IJobIndexGrain")]
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
}

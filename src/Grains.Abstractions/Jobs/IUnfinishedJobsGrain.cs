using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Which jobs have operations that may not have ended, under the one key <see cref="Key"/>: whoever looks after them need not
/// ask every job.
/// </summary>
[Alias("BulkQA.IUnfinishedJobsGrain")]
public interface IUnfinishedJobsGrain : IGrainWithStringKey
{
    const string Key = "unfinished";

    /// <summary>Durable on return; idempotent.</summary>
    [Alias("Add"), SafeToRepeat]
    Task AddAsync(JobName name);

    /// <inheritdoc cref="AddAsync"/>
    [Alias("Remove"), SafeToRepeat]
    Task RemoveAsync(JobName name);

    /// <summary>Job keys in ordinal order.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<string>> ListAsync();
}

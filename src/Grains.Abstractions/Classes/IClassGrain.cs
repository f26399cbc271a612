using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>One class of one incarnation, keyed by its class key: how many partitions it has, and their sums.</summary>
[Alias("BulkQA.IClassGrain")]
public interface IClassGrain : IGrainWithStringKey
{
    /// <summary>1, 2, 4, 8 or 16.</summary>
    [Alias("CountPartitions"), SafeToRepeat]
    Task<int> CountPartitionsAsync();

    /// <summary>Doubles the partitions if they are still <paramref name="from"/> and below 16. Idempotent.</summary>
    /// <returns>How many there are now.</returns>
    [Alias("Grow"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<int> GrowAsync(int from);

    /// <summary>The counters of the class; null where the job is deleted.</summary>
    [Alias("GetTally"), SafeToRepeat]
    Task<TallyReply?> GetTallyAsync();

    /// <inheritdoc cref="IPartitionGrain.LeaseAsync"/>
    [Alias("Lease"), SafeToRepeat]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <inheritdoc cref="IPartitionGrain.CountAnsweredAsync"/>
    [Alias("CountAnswered"), SafeToRepeat]
    Task<int> CountAnsweredAsync(WorkerId worker);

    /// <inheritdoc cref="IPartitionGrain.GetTasksAsync"/>
    [Alias("GetTasks"), SafeToRepeat]
    Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks);

    /// <inheritdoc cref="IPartitionGrain.ChangePolicyAsync"/>
    [Alias("ChangePolicy"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ChangePolicyAsync(JobInfo job);

    /// <inheritdoc cref="IPartitionGrain.RewriteVerdictsAsync"/>
    [Alias("RewriteVerdicts"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task RewriteVerdictsAsync(Shard shard);

    /// <inheritdoc cref="IPartitionGrain.AuditAsync"/>
    [Alias("Audit"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport> AuditAsync();

    /// <inheritdoc cref="IPartitionGrain.RetireAsync"/>
    [Alias("Retire"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task RetireAsync();

    /// <inheritdoc cref="IPartitionGrain.ForgetAsync"/>
    [Alias("Forget"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ForgetAsync();
}

using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// A range of shards of one class, keyed by <c>{class key}#{first shard}</c>: the live counters of its images, and the
/// gate that every vote and every imported line passes. What it acknowledges is durable and in the counters of the
/// current activation. Repeating a call is harmless. Trouble of the store surfaces as an exception: call again.
/// </summary>
[Alias("BulkQA.IPartitionGrain")]
public interface IPartitionGrain : IGrainWithStringKey
{
    [Alias("Vote")]
    Task<VoteReceipt> VoteAsync(ClassVotes votes);

    [Alias("Import")]
    Task<ImportReceipt> ImportAsync(ImportChunk chunk);

    /// <summary>The counters; null where the job is deleted.</summary>
    [Alias("GetTally")]
    Task<TallyReply?> GetTallyAsync();

    /// <summary>A task for this worker, kept until the time returned; null where none is left here.</summary>
    [Alias("Lease")]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <summary>How many of its tasks this worker has answered.</summary>
    [Alias("CountAnswered")]
    Task<int> CountAnsweredAsync(WorkerId worker);

    /// <summary>Those of the tasks that are at home here.</summary>
    [Alias("GetTasks")]
    Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>Takes over a new policy: the counters are right when this returns.</summary>
    [Alias("ChangePolicy"), ResponseTimeout(LongCalls.Timeout)]
    Task ChangePolicyAsync(JobInfo job);

    /// <summary>Rewrites the rows whose verdict is of an older policy. Idempotent.</summary>
    [Alias("RewriteVerdicts"), ResponseTimeout(LongCalls.Timeout)]
    Task RewriteVerdictsAsync(Shard shard);

    [Alias("Audit"), ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport> AuditAsync();

    /// <summary>Owns, from now on, the range that <paramref name="partitions"/> partitions leave it. Durable; idempotent.</summary>
    [Alias("Resize"), ResponseTimeout(LongCalls.Timeout)]
    Task ResizeAsync(int partitions);

    /// <summary>The job is deleted: refuses everything from now on, once what is under way has ended. Durable; idempotent.</summary>
    [Alias("Retire"), ResponseTimeout(LongCalls.Timeout)]
    Task RetireAsync();

    /// <summary>Drops the record that the retirement left, once no write of the job can be under way any more. Idempotent.</summary>
    [Alias("Forget"), ResponseTimeout(LongCalls.Timeout)]
    Task ForgetAsync();
}

using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// A range of shards of one class, keyed by <c>{class key}#{first shard}</c>: the live counters of its images, and the
/// gate that every vote and every imported line passes. What it acknowledges is durable and in the counters of the
/// current activation. Trouble of the store surfaces as an exception: call again.
/// </summary>
[Alias("BulkQA.IPartitionGrain")]
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Merges votes into their images: idempotent, commutative, durable on return.</summary>
    [Alias("Vote"), SafeToRepeat]
    Task<VoteReceipt> VoteAsync(ClassVotes votes);

    /// <summary>New lines become rows, cut into tasks. Durable on return. Where it fails, import the lines again under other task numbers.</summary>
    [Alias("Import"), NotSafeToRepeat("the lines would all be duplicates of the first call's, and its task numbers would be taken for unused"), ResponseTimeout(LongCalls.ImportTimeout)]
    Task<ImportReceipt> ImportAsync(ImportChunk chunk);

    /// <summary>The counters; null where the job is deleted.</summary>
    [Alias("GetTally"), SafeToRepeat]
    Task<TallyReply?> GetTallyAsync();

    /// <summary>A task for this worker, kept until the time returned; null where none is left here.</summary>
    [Alias("Lease"), SafeToRepeat]
    Task<TaskLease?> LeaseAsync(WorkerId worker);

    /// <summary>How many of its tasks this worker has answered.</summary>
    [Alias("CountAnswered"), SafeToRepeat]
    Task<int> CountAnsweredAsync(WorkerId worker);

    /// <summary>Those of the tasks that are at home here.</summary>
    [Alias("GetTasks"), SafeToRepeat]
    Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>Takes over a new policy: the counters are right when this returns. A policy of an earlier revision than the view's changes nothing.</summary>
    [Alias("ChangePolicy"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ChangePolicyAsync(JobInfo job);

    /// <summary>Rewrites the rows whose verdict is of an older policy. Idempotent.</summary>
    [Alias("RewriteVerdicts"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task RewriteVerdictsAsync(Shard shard);

    /// <summary>Compares the view with a fresh fold of the rows under the job's present policy, and takes the fold over.</summary>
    [Alias("Audit"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport> AuditAsync();

    /// <summary>Owns, from now on, the range that <paramref name="partitions"/> partitions leave it. Durable; idempotent.</summary>
    [Alias("Resize"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ResizeAsync(int partitions);

    /// <summary>The job is deleted: refuses everything from now on, once what is under way has ended. Durable; idempotent.</summary>
    [Alias("Retire"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task RetireAsync();

    /// <summary>Drops the record that the retirement left, once no write of the job can be under way any more. Idempotent.</summary>
    [Alias("Forget"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ForgetAsync();
}

using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>The task numbers of one life of a job, keyed by its incarnation. A number is handed out once and never again.</summary>
[Alias("BulkQA.ITaskNumbersGrain")]
public interface ITaskNumbersGrain : IGrainWithStringKey
{
    /// <summary>
    /// Consecutive numbers for a partition, which anybody can find it by from then on. Durable on return. Those of a call
    /// whose answer got lost are never used.
    /// </summary>
    /// <returns>Null where the job is deleted.</returns>
    [Alias("Reserve"), SafeToRepeat]
    Task<TaskBlock?> ReserveAsync(Label label, int partition, int count);

    /// <summary>How many numbers were handed out: every task's number is below it.</summary>
    [Alias("Count"), SafeToRepeat]
    Task<int> CountAsync();

    /// <summary>The job is deleted: no number is handed out any more. Durable on return.</summary>
    [Alias("Retire"), SafeToRepeat]
    Task RetireAsync();

    /// <summary>Forgets how far numbers went.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

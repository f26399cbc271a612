using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// Decides which classes of one life of a job keep the job's target, keyed by its incarnation. It fixes the family of classes that the error is
/// shared among at the first look at which anything is reviewed; each decision is stored with its class, once, and never changes. Silos' later
/// looks find what is decided already, whichever silo decided it.
/// </summary>
[Alias("BulkQA.ITargetGrain"), Version(2)]
public interface ITargetGrain : IGrainWithStringKey
{
    /// <summary>Decides what can be by the counters as they are, and has what is decided published. Durable on return.</summary>
    /// <returns>Null where the job is deleted, or never had a target.</returns>
    [Alias("Look"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<TargetProgress?> LookAsync();

    /// <summary>Looks, and tells how each class, or each bucket of it that has images, stands; ordered by label and bucket.</summary>
    /// <param name="after">Where the last page ended; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <returns>Null where the job is deleted, or has no target.</returns>
    [Alias("List"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<TargetPage?> ListAsync(TargetMember? after, int limit);

    /// <summary>Deletes what is stored, once everything of the job is gone.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

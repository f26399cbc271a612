using System.Collections.Immutable;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// Keeps which classes of one life of a job have fallen below the job's alarm, keyed by its incarnation. An alarm is raised once and ended once, whoever
/// looks and however often, and is kept until it has been told.
/// </summary>
[Alias("BulkQA.IAlarmGrain"), Version(2)]
public interface IAlarmGrain : IGrainWithStringKey
{
    /// <summary>
    /// Raises and ends what the days' reviews say as they are, of an open job; ends what was raised under an alarm that the job no longer has.
    /// Durable on return.
    /// </summary>
    /// <returns>Null where the job is deleted.</returns>
    [Alias("Look"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AlarmProgress?> LookAsync();

    /// <summary>The alarms that stand, and the last that have ended; each newest first. Does not look.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<ClassAlarm>> ListAsync();

    /// <summary>How many alarms stand. Does not look.</summary>
    [Alias("Count"), SafeToRepeat]
    Task<int> CountAsync();

    /// <summary>What the webhook is still to be told, in order: of each alarm its end only after its beginning.</summary>
    /// <param name="limit">At most so many.</param>
    [Alias("GetUntold"), SafeToRepeat]
    Task<ImmutableArray<AlarmEvent>> GetUntoldAsync(int limit);

    /// <summary>The webhook was told, or never will be. Durable on return; a second word about the same changes nothing.</summary>
    /// <param name="number">Of the alarm.</param>
    /// <param name="isEnd">Whether of its end.</param>
    /// <param name="problem">Why it was given up; null where it was delivered.</param>
    [Alias("NoteTold"), SafeToRepeat]
    Task NoteToldAsync(int number, bool isEnd, string? problem);

    /// <summary>Deletes what is stored, once everything of the job is gone.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

namespace BulkQA.Grains;

[GenerateSerializer, Alias("BulkQA.HoldState")]
public enum HoldState : byte
{
    /// <summary>There is no such task, or the job is deleted.</summary>
    Unknown = 0,

    /// <summary>Not kept for the worker, or no longer: others may hold it, or anybody may get it.</summary>
    Free = 1,

    /// <summary>Kept for the worker.</summary>
    Held = 2,

    /// <summary>The worker has answered it whole.</summary>
    Answered = 3,
}

/// <summary>How a worker stands to a task.</summary>
/// <param name="At">Until when it is kept, or when it was answered; null otherwise.</param>
/// <param name="EndsAt">Until when it is kept at most where it is renewed; null where it is not kept.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskHold")]
public sealed record TaskHold([property: Id(0)] HoldState State, [property: Id(1)] DateTimeOffset? At = null, [property: Id(2)] DateTimeOffset? EndsAt = null);

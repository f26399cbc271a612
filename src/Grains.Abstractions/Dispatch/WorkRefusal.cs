namespace BulkQA.Grains;

/// <summary>Why a worker gets no task of a job that may have some (<see cref="BulkQA.Core.JobAssignment"/>).</summary>
[GenerateSerializer, Alias("BulkQA.WorkRefusalReason")]
public enum WorkRefusalReason : byte
{
    /// <summary>The worker has answered as many tasks of the job as one worker may.</summary>
    PerWorker = 1,

    /// <summary>The worker has answered as many of them today as one worker may on a day.</summary>
    PerDay = 2,

    /// <summary>The worker has answered a portion, and has not paused since.</summary>
    Portion = 3,

    /// <summary>The worker has not answered enough tasks of any jobs.</summary>
    Experience = 4,

    /// <summary>The worker has let as many tasks of the job go today, without an answer, as it may on a day.</summary>
    LetGo = 5,
}

/// <param name="Answered">How many tasks the worker has answered: of the job, of it today, of it in this sitting, or of any jobs; or how many it has let go.</param>
/// <param name="Limit">How many the job allows, or asks for.</param>
/// <param name="Until">When it ends by itself; null where it does not.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkRefusal")]
public sealed record WorkRefusal([property: Id(0)] WorkRefusalReason Reason, [property: Id(1)] int Answered, [property: Id(2)] int Limit, [property: Id(3)] DateTimeOffset? Until = null);

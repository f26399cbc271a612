namespace BulkQA.Core;

/// <summary>Whether a worker may have tasks of a job that asks for a qualification.</summary>
/// <param name="Task">While it is open: the batch of gold to answer; null where there is none for this worker.</param>
/// <param name="Hits">Gold images answered rightly.</param>
/// <param name="Images">Of so many that could be shown.</param>
/// <param name="BatchImages">How many images <paramref name="Task"/> has; 0 where it is null.</param>
public sealed record Qualification(QualificationState State, TaskNumber? Task, int Hits, int Images, int BatchImages)
{
    /// <summary>Batches that a worker is given while too little of them could be shown to decide.</summary>
    public const int MaxBatches = 3;

    /// <summary>
    /// Whether a task of a class's gold, by its place among them in the order of their numbers, qualifies workers. The others are mixed into tasks where
    /// a job does both: whoever keeps the addresses of the first batch knows none of the later gold by it.
    /// </summary>
    public static bool Qualifies(int place) => place % 2 == 0;
}

/// <summary>How far a worker's qualification is.</summary>
public enum QualificationState : byte
{
    /// <summary>The worker has not answered a batch of gold yet, or could be shown too little of it.</summary>
    Open = 0,

    Passed = 1,

    /// <summary>The worker gets no tasks of the job.</summary>
    Failed = 2,
}

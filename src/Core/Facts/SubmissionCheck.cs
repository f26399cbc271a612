namespace BulkQA.Core;

/// <summary>Whether a partition can take a submission.</summary>
public enum SubmissionCheck : byte
{
    Fits,

    /// <summary>All of it is there already, with the same time.</summary>
    Held,

    /// <summary>The task is not of this partition.</summary>
    UnknownTask,

    /// <summary>The task has another number of images.</summary>
    OtherImages,

    /// <summary>The task has answers of <see cref="AnswerSet.MaxWorkers"/> other workers.</summary>
    TooManyWorkers,

    /// <summary>The worker has made <see cref="Submission.MaxPerWorker"/> submissions to the task.</summary>
    TooManySubmissions,
}

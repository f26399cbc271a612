using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Submissions to tasks of one partition.</summary>
/// <param name="All">At most <see cref="MaxSubmissions"/>.</param>
/// <param name="ArePartial">
/// Whether answers may end before the task's last image, as where a few images are answered by whoever doesn't know how many
/// there are. Otherwise another number of answers than of images is refused.
/// </param>
[GenerateSerializer, Immutable, Alias("BulkQA.Submissions")]
public sealed record Submissions([property: Id(0)] ImmutableArray<Submission> All, [property: Id(1)] bool ArePartial)
{
    /// <summary>Submissions in one call at most.</summary>
    public const int MaxSubmissions = 2_000;
}

[GenerateSerializer, Alias("BulkQA.SubmissionOutcome")]
public enum SubmissionOutcome : byte
{
    /// <summary>Durable, whether new or seen before.</summary>
    Accepted,

    /// <summary>There is no such task.</summary>
    UnknownTask,

    /// <summary>The task has another number of images.</summary>
    OtherImages,

    /// <summary>The task has answers of <see cref="AnswerSet.MaxWorkers"/> other workers.</summary>
    TooManyWorkers,

    /// <summary>The worker has made <see cref="Submission.MaxPerWorker"/> submissions to the task.</summary>
    TooManySubmissions,

    /// <summary>The worker's qualification is decided: its answers to gold stay as they are.</summary>
    Decided,
}

/// <param name="IsGone">The job is deleted; there are no outcomes then.</param>
/// <param name="Outcomes">One a submission, in the order they were sent.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.SubmissionReceipt")]
public sealed record SubmissionReceipt([property: Id(0)] bool IsGone, [property: Id(1)] ImmutableArray<SubmissionOutcome> Outcomes);

[GenerateSerializer, Alias("BulkQA.AdjudicationOutcome")]
public enum AdjudicationOutcome : byte
{
    /// <summary>Durable, whether new or said before.</summary>
    Accepted,

    /// <summary>The job is deleted, or has no such image.</summary>
    UnknownImage,

    /// <summary>The image has <see cref="Adjudication.MaxPerImage"/> of them.</summary>
    TooMany,

    /// <summary>The image is gold, whose answer is known.</summary>
    Gold,
}

/// <param name="Images">Lines of one class: all gold where the partition is of gold, and none elsewhere.</param>
/// <param name="CutRemainder">Whether what doesn't fill a batch becomes a shorter task, or is handed back.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImportChunk")]
public sealed record ImportChunk([property: Id(0)] ImmutableArray<CorpusImage> Images, [property: Id(1)] bool CutRemainder);

[GenerateSerializer, Alias("BulkQA.ImportOutcome")]
public enum ImportOutcome : byte
{
    /// <summary>In a task, durable.</summary>
    Accepted,

    /// <summary>It was there, with the same confidence (<see cref="Percent.IsSameScore"/>).</summary>
    Duplicate,

    /// <summary>It was there with another confidence, which stands.</summary>
    Contradiction,

    /// <summary>New, and left for the next chunk because it did not fill a batch.</summary>
    Leftover,

    /// <summary>It was there with another known answer, or one of the two is gold and the other is not; the first stands.</summary>
    OtherGold,

    /// <summary>New, and the class has all the gold it takes.</summary>
    TooMuchGold,

    /// <summary>It was there as of another model version, or of none; the first stands.</summary>
    OtherVersion = 10,
}

[GenerateSerializer, Alias("BulkQA.ImportRefusal")]
public enum ImportRefusal : byte
{
    None,

    /// <summary>The partition has all the images it takes; the class has to open the next. Never one of gold.</summary>
    Full,

    /// <summary>The job is deleted.</summary>
    Gone,
}

/// <param name="Refusal">Why nothing was looked at; there are no outcomes then.</param>
/// <param name="Outcomes">One an image, in the order they were sent.</param>
/// <param name="Standing">The confidences that stand, one for each <see cref="ImportOutcome.Contradiction"/> in order; null where the image has none.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImportReceipt")]
public sealed record ImportReceipt(
    [property: Id(0)] ImportRefusal Refusal, [property: Id(1)] ImmutableArray<ImportOutcome> Outcomes, [property: Id(2)] ImmutableArray<Percent?> Standing)
{
    public static ImportReceipt Refused(ImportRefusal refusal) => new(refusal, [], []);
}

/// <summary>What an audit found, compared with a fresh fold of the facts; what differed was repaired.</summary>
/// <param name="Images">Images whose facts were read.</param>
/// <param name="Differences">Images whose answers differed, and counters that did.</param>
/// <param name="Details">The first <see cref="MaxDetails"/> of them.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AuditReport")]
public sealed record AuditReport(
    [property: Id(0)] long Images, [property: Id(1)] long Differences, [property: Id(2)] ImmutableArray<string> Details)
{
    public const int MaxDetails = 100;

    public static readonly AuditReport Nothing = new(0, 0, []);

    public static AuditReport operator +(AuditReport left, AuditReport right) => new(
        left.Images + right.Images, left.Differences + right.Differences,
        [.. left.Details.Concat(right.Details).Take(MaxDetails)]);

    public static AuditReport Add(AuditReport left, AuditReport right) => left + right;
}

/// <summary>Images by confidence. A message, so that within a process it is passed on and not copied step by step.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.CountedImages")]
public sealed record CountedImages([property: Id(0)] FineHistogram Histogram);

/// <summary>Images by model version and day. A message, as <see cref="CountedImages"/> is.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.CountedReviews")]
public sealed record CountedReviews([property: Id(0)] ReviewBreakdown Breakdown);

/// <summary>How far a task is.</summary>
/// <param name="Images">How many it has.</param>
/// <param name="Done">Whether each has as many answers as the job asks for.</param>
/// <param name="Workers">Who answered it whole.</param>
/// <param name="IsHeldBack">Whether it is outside of the job's sample, so that nobody is asked about it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskStatus")]
public sealed record TaskStatus(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] int Images, [property: Id(2)] bool Done,
    [property: Id(3)] ImmutableArray<WorkerId> Workers, [property: Id(8)] bool IsHeldBack = false);

/// <summary>Workers and how many tasks each has answered whole.</summary>
/// <param name="Workers">In no order.</param>
/// <param name="AreAll">False where there may be more: too many to keep, or nobody has looked since a crash.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.KnownWorkers")]
public sealed record KnownWorkers([property: Id(0)] ImmutableArray<KeyValuePair<WorkerId, int>> Workers, [property: Id(1)] bool AreAll)
{
    public static readonly KnownWorkers None = new([], AreAll: true);
}

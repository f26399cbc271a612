using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>The votes of one task's images, or of any images of one class.</summary>
/// <param name="Task">The task whose boxes these are, all of them; null where the votes came image by image.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassVotes")]
public sealed record ClassVotes([property: Id(0)] TaskNumber? Task, [property: Id(1)] ImmutableArray<ImageVotes> Images)
{
    /// <summary>Images in one call at most.</summary>
    public const int MaxImages = 2_000;
}

/// <param name="Confidence">Fills a gap where the corpus gave none; otherwise the corpus stands.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImageVotes")]
public sealed record ImageVotes(
    [property: Id(0)] ImageUrl Url, [property: Id(1)] Percent? Confidence, [property: Id(2)] ImmutableArray<Vote> Votes);

/// <summary>Why a partition did not take a call.</summary>
[GenerateSerializer, Alias("BulkQA.Refusal")]
public enum Refusal
{
    None,

    /// <summary>The class has another number of partitions now; ask again with that.</summary>
    Moved,

    /// <summary>The job is deleted.</summary>
    Gone,
}

[GenerateSerializer, Alias("BulkQA.VoteOutcome")]
public enum VoteOutcome : byte
{
    /// <summary>Durable, whether new or seen before.</summary>
    Accepted,

    /// <summary>The image was never imported.</summary>
    UnknownImage,

    /// <summary>The image has votes of <see cref="VoteSet.MaxWorkers"/> other workers already.</summary>
    TooManyWorkers,
}

/// <param name="Refused">Workers whose votes found no room, with <see cref="VoteOutcome.TooManyWorkers"/>; the others' count.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImageOutcome")]
public readonly record struct ImageOutcome(
    [property: Id(0)] VoteOutcome Kind, [property: Id(1)] ImmutableArray<WorkerId> Refused);

/// <param name="Partitions">The number the class has now, with <see cref="Refusal.Moved"/>; 0 where the partition can't tell.</param>
/// <param name="Outcomes">One an image, in the order they were sent.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.VoteReceipt")]
public sealed record VoteReceipt(
    [property: Id(0)] Refusal Refusal, [property: Id(1)] int Partitions, [property: Id(2)] ImmutableArray<ImageOutcome> Outcomes);

[GenerateSerializer, Immutable, Alias("BulkQA.ImportLine")]
public readonly record struct ImportLine(
    [property: Id(0)] ImageUrl Url, [property: Id(1)] Percent Confidence, [property: Id(2)] AnonymousVotes? Anonymous = null);

/// <param name="Tasks">Numbers to use: at least one for every batch the lines could fill.</param>
/// <param name="CutRemainder">Whether what doesn't fill a batch becomes a shorter task, or is handed back.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImportChunk")]
public sealed record ImportChunk(
    [property: Id(0)] ImmutableArray<ImportLine> Lines, [property: Id(1)] TaskRange Tasks, [property: Id(2)] bool CutRemainder);

[GenerateSerializer, Alias("BulkQA.ImportOutcome")]
public enum ImportOutcome : byte
{
    /// <summary>A row of its own, durable.</summary>
    Accepted,

    /// <summary>It was there, with the same confidence (<see cref="Percent.IsSameScore"/>).</summary>
    Duplicate,

    /// <summary>It was there with another confidence, which stands.</summary>
    Contradiction,

    /// <summary>New, and left for the next chunk because it did not fill a batch.</summary>
    Leftover,
}

/// <param name="Outcomes">One a line, in the order they were sent.</param>
/// <param name="TasksUsed">How many of the numbers were used, from the first.</param>
/// <param name="Crowded">Whether the class should be spread over more partitions.</param>
/// <param name="Standing">
/// The confidences that stand, one for each <see cref="ImportOutcome.Contradiction"/> in order, null where the image has none;
/// default where a silo of the release before answered.
/// </param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImportReceipt")]
public sealed record ImportReceipt(
    [property: Id(0)] Refusal Refusal, [property: Id(1)] int Partitions, [property: Id(2)] ImmutableArray<ImportOutcome> Outcomes,
    [property: Id(3)] int TasksUsed, [property: Id(4)] bool Crowded, [property: Id(5)] ImmutableArray<Percent?> Standing = default);

/// <summary>Counters, and how many partitions the class has as far as the sender knows.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TallyReply")]
public sealed record TallyReply([property: Id(0)] ClassTally Tally, [property: Id(1)] int Partitions);

/// <summary>What an audit found, compared with a fresh fold of the rows; what differed was repaired.</summary>
/// <param name="Images">Rows read.</param>
/// <param name="Differences">Images whose view differed, and counters that did.</param>
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

/// <summary>How far a task is.</summary>
/// <param name="Images">Its images in this partition.</param>
/// <param name="Done">Whether each has as many votes as the job asks for.</param>
/// <param name="Workers">Who answered it whole.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskStatus")]
public sealed record TaskStatus(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] int Images, [property: Id(2)] bool Done,
    [property: Id(3)] ImmutableArray<WorkerId> Workers);

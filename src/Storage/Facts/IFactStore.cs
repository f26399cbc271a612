using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// What happened: which tasks there are, which image is in which, who answered what, and what was adjudicated. Facts are written once and never
/// change. Every method may be called from any thread at any time. What a completed call wrote is durable and visible to every
/// later read, but for <see cref="FindAsync(ImageUrl, string?, int, CancellationToken)"/>. A call that throws
/// <see cref="StorageException"/> may or may not have written, or may still write; so may a cancelled one.
/// </summary>
public interface IFactStore
{
    /// <summary>What is kept of a partition itself; null where there is nothing.</summary>
    Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default);

    /// <summary>
    /// Writes a partition's head where the stored one has <paramref name="expectedEpoch"/> (0: where there is none). Atomic. The
    /// head's own epoch must be a greater one.
    /// </summary>
    /// <returns>False where another epoch is stored; nothing is written then.</returns>
    Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default);

    /// <summary>
    /// Stores submissions of one partition. Idempotent: a submission is one item, whose key is its task, worker, time and hash. Each
    /// is atomic; the call as a whole need not be.
    /// </summary>
    /// <returns>The partition's epoch as read after all of them were durable; 0 where it has no head.</returns>
    Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default);

    /// <summary>
    /// Stores adjudications of one partition's images. Idempotent: an adjudication is one item, whose key is its task, index, time and
    /// hash. Each is atomic; the call as a whole need not be.
    /// </summary>
    /// <inheritdoc cref="AppendAsync" path="/returns"/>
    Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default);

    /// <summary>
    /// Stores new tasks and the places of their images. An image that has a place in a stored task already keeps it and is left
    /// out of the new task, whose other images move up; a task without images, but for gold that is mixed in, is not stored. Gold that is
    /// mixed in keeps the place that it has elsewhere, and so do all images of a follow-up (<see cref="CorpusImage.Spot"/>). Each task is atomic: until all of it is there nothing of it is to be seen. The call
    /// as a whole need not be.
    /// </summary>
    /// <param name="partition">The partition they are of.</param>
    /// <param name="tasks">Under numbers that were never used, no image twice.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>
    /// The tasks as stored, in order; null for one without images, and for one whose number <see cref="SettleAsync"/> has closed.
    /// </returns>
    Task<IReadOnlyList<TaskContent?>> InsertAsync(PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default);

    /// <summary>
    /// Whether a task was stored, for good: where it was not, its number is closed, so that a call of
    /// <see cref="InsertAsync"/> that is still under way can't store it any more.
    /// </summary>
    /// <returns>The task, or null.</returns>
    Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default);

    /// <summary>Tasks with their images, in the order of their numbers; those that are not there are left out.</summary>
    /// <param name="partition">The partition they are of.</param>
    /// <param name="first">The first number.</param>
    /// <param name="last">The last number, included.</param>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<TaskContent> ReadTasksAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default);

    /// <summary>All tasks of a partition in the order of their numbers: what building a <see cref="PartitionFold"/> takes.</summary>
    IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(PartitionAddress partition, CancellationToken cancellation = default);

    /// <summary>Submissions by task, in the order of task numbers; within a task in no order.</summary>
    /// <inheritdoc cref="ReadTasksAsync" path="/param"/>
    IAsyncEnumerable<Submission> ReadSubmissionsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default);

    /// <summary>Adjudications by task, in the order of task numbers; within a task in no order.</summary>
    /// <inheritdoc cref="ReadTasksAsync" path="/param"/>
    IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default);

    /// <summary>Where images of a class lie: strongly consistent, one an image, in order; null where it has none in a stored task.</summary>
    Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default);

    /// <summary>
    /// Which classes have an image of this URL, in any job. By an index that may lag and may still name images that are deleted or
    /// were never stored: read their place.
    /// </summary>
    /// <param name="url">Compared ordinally.</param>
    /// <param name="cursor">Null for the first page, then <see cref="ClassPage.Next"/>.</param>
    /// <param name="limit">At most that many.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="BadInputException">The cursor is not one of this store.</exception>
    Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default);

    /// <summary>Notes whose task numbers these are. Idempotent.</summary>
    Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default);

    /// <summary>Blocks of a job by number, beginning with the one that holds or follows <paramref name="from"/>; at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Notes that workers answer in a job, before the first of their answers is stored: whoever has answered is noted, and one who is
    /// noted may not have. Idempotent. Each note is atomic; the call as a whole need not be.
    /// </summary>
    Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default);

    /// <summary>The lives of jobs in which a worker is noted, those of deleted jobs that are not swept yet among them, in the ordinal order of their keys.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="after">Only those after this one; null for all.</param>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default);

    /// <summary>Notes of which state of a task the label table has rows. Overwrites what was noted of it.</summary>
    Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default);

    /// <summary>What was noted by <see cref="WriteListedAsync"/>, in no order.</summary>
    IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default);

    /// <summary>Deletes tasks, submissions, adjudications and notes of a partition and the places of its images, up to <paramref name="limit"/> items; all but its head.</summary>
    /// <returns>How many items; fewer than the limit means that none is left.</returns>
    Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default);

    /// <summary>Deletes a partition's head.</summary>
    Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default);

    /// <summary>Deletes what is left of a class beside its partitions: places of images that were never stored.</summary>
    /// <inheritdoc cref="DeleteFactsAsync" path="/returns"/>
    Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default);

    /// <summary>Deletes the blocks of a job.</summary>
    /// <inheritdoc cref="DeleteFactsAsync" path="/returns"/>
    Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default);

    /// <summary>Deletes the notes of who answers in a job, up to <paramref name="limit"/> workers.</summary>
    /// <returns>Of how many workers; fewer than the limit means that none is left.</returns>
    Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default);
}

/// <summary>What is kept of a partition itself.</summary>
/// <param name="Epoch">From 1; greater with every write. Whoever acknowledges makes sure that it is still its own.</param>
/// <param name="Retired">The job is deleted.</param>
/// <param name="Summary">
/// What a fold came to when its owner left it in good order; null while somebody may be adding facts. The store does not look
/// into it.
/// </param>
public sealed record PartitionHead(long Epoch, bool Retired, ReadOnlyMemory<byte>? Summary);

/// <summary>A state of a task that the label table has rows of.</summary>
/// <param name="RulesRevision">The revision of the job's rules that its verdicts are by.</param>
/// <param name="Counts">A hash of the votes on each of its images.</param>
/// <param name="LastAnswerAt">The latest of its answers.</param>
public readonly record struct ListedState(TaskNumber Task, int RulesRevision, int Counts, SubmissionTime LastAnswerAt);

/// <param name="Classes">May be empty though there is more.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record ClassPage(IReadOnlyList<ClassAddress> Classes, string? Next);

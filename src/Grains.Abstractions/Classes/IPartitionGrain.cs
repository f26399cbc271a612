using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// A run of tasks of one class, keyed by <see cref="PartitionAddress.Key"/>: the fold of their facts, and the gate that every
/// answer and every imported line passes. What it acknowledges is durable and in the fold of the current activation. Trouble
/// of the store surfaces as an exception: call again.
/// </summary>
[Alias("BulkQA.IPartitionGrain"), Version(2)]
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Workers that are told of: their number is bounded by who answers, and a reply has to be.</summary>
    const int MaxWorkersTold = 10_000;

    /// <summary>Stores submissions: idempotent, in any order, durable on return.</summary>
    [Alias("Submit"), SafeToRepeat]
    Task<SubmissionReceipt> SubmitAsync(Submissions submissions);

    /// <summary>
    /// Stores what was decided about an image, as the latest. Durable on return. One that says the same as the one that stands changes
    /// nothing.
    /// </summary>
    [Alias("Adjudicate"), SafeToRepeat]
    Task<AdjudicationOutcome> AdjudicateAsync(Adjudication adjudication);

    /// <summary>Cuts new images into tasks. Durable on return. Where it fails, import the images again.</summary>
    [Alias("Import"), NotSafeToRepeat("the images would all be duplicates of the first call's"), ResponseTimeout(LongCalls.ImportTimeout)]
    Task<ImportReceipt> ImportAsync(ImportChunk chunk);

    /// <summary>
    /// Sees to it that these tasks of the partition are in the fold, whoever stored them: before another partition calls their
    /// images duplicates.
    /// </summary>
    [Alias("TakeIn"), SafeToRepeat]
    Task TakeInAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>The counters; null where the job is deleted.</summary>
    [Alias("GetTally"), SafeToRepeat]
    Task<ClassTally?> GetTallyAsync();

    /// <summary>The counters by rules of at least this revision, whether or not the partition was told of them; null where the job is deleted.</summary>
    [Alias("GetTallyBy"), SafeToRepeat]
    Task<ClassTally?> GetTallyAsync(int rulesRevision);

    /// <summary>The images by confidence at steps of 0.01 %; null where the job is deleted.</summary>
    /// <param name="isFinal">Whether by adjudications where there are any, or by votes alone.</param>
    [Alias("GetHistogram"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedImages?> GetHistogramAsync(bool isFinal);

    /// <summary>The same of the images of one model version. Looks at every image, and folds the partition where nobody has.</summary>
    [Alias("GetVersionHistogram"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedImages?> GetHistogramAsync(ModelVersion version, bool isFinal);

    /// <summary>The images by model version, and those reviewed by day; null where the job is deleted.</summary>
    /// <param name="first">Of the days.</param>
    /// <param name="last">Of them.</param>
    [Alias("BreakDown"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedReviews?> BreakDownAsync(DateOnly first, DateOnly last);

    /// <summary>
    /// A task for this worker, kept until the time returned, or why there is none. As in <see cref="GetProgressAsync"/>, whoever
    /// asks is told what changes.
    /// </summary>
    [Alias("Lease"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker);

    /// <summary>The same, of a class of which something is decided.</summary>
    /// <param name="worker">Who asks.</param>
    /// <param name="skipped">For <see cref="TaskDispatch.Skip"/>: what the partition was told before is forgotten.</param>
    [Alias("LeaseUndecided"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker, ImmutableArray<int> skipped);

    /// <summary>The same, of a job that says how many answers each team gives to a task: by the answers that stand, and what others of the team hold.</summary>
    /// <param name="worker">Who asks.</param>
    /// <param name="teams">For whom the worker answers, if a task is given; where it held one before, <see cref="ClassLease.Team"/> says for whom.</param>
    /// <param name="answers">How many the present one of these teams gives; null where it is none.</param>
    /// <param name="skipped">For <see cref="TaskDispatch.Skip"/>; null where nothing is decided.</param>
    [Alias("LeaseForTeam"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker, WorkerTeams teams, int? answers, ImmutableArray<int>? skipped);

    /// <summary>
    /// Whether a worker holds a task, or any other of its team who has answered nothing yet could get one, in a job that says how many answers each team gives.
    /// </summary>
    /// <param name="worker">Who.</param>
    /// <param name="team">The team.</param>
    /// <param name="answers">How many it gives to each task.</param>
    /// <param name="skipped">For <see cref="TaskDispatch.Skip"/>; null where nothing is decided.</param>
    [Alias("IsWantedOf"), SafeToRepeat]
    Task<bool> IsWantedAsync(WorkerId worker, TeamName team, int answers, ImmutableArray<int>? skipped);

    /// <summary>Hands out no task any more all of whose images are of these buckets. Known to this activation alone.</summary>
    /// <param name="skipped">For <see cref="TaskDispatch.Skip"/>.</param>
    /// <returns>How many tasks lack answers and are not handed out any more.</returns>
    [Alias("Skip"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<int> SkipAsync(ImmutableArray<int> skipped);

    /// <summary>In which order its images are, in that of their tasks; gold has no part in it. Reads all tasks.</summary>
    [Alias("FollowShuffle"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ShuffledRun> FollowShuffleAsync(int seed);

    /// <summary>
    /// A worker can't answer a task now: others may have it, and this worker gets others for as long as a lease lasts. Known
    /// to this activation alone.
    /// </summary>
    /// <returns>False where the task is not of the partition.</returns>
    [Alias("Pass"), SafeToRepeat]
    Task<bool> PassAsync(TaskNumber task, WorkerId worker);

    /// <summary>Whether a task is kept for a worker, or answered. Of follow-ups those of the partition's images.</summary>
    [Alias("LookAtHold"), SafeToRepeat]
    Task<TaskHold> LookAtHoldAsync(TaskNumber task, WorkerId worker);

    /// <summary>
    /// The task that a worker is likely to be given here after one that it holds, as <see cref="TaskDispatch.LookAhead"/> says: nothing is kept for it. Known to this
    /// activation alone. Null where the worker does not hold the task, or nothing is found.
    /// </summary>
    [Alias("LookAhead"), SafeToRepeat]
    Task<TaskNumber?> LookAheadAsync(TaskNumber held, WorkerId worker);

    /// <summary>
    /// The same, and a task that the worker holds is kept for as long as a lease lasts from now on, but never for longer than
    /// <see cref="TaskDispatch.MaxLeases"/> leases since it was handed out. Known to this activation alone.
    /// </summary>
    [Alias("RenewHold"), SafeToRepeat]
    Task<TaskHold> RenewHoldAsync(TaskNumber task, WorkerId worker);

    /// <summary>
    /// Gathers images in doubt that no worker is about to answer here into follow-ups, for somebody who hands them out elsewhere: a page of them, in the order of their
    /// places. Durable on return; where it is repeated, those of the first call are left unused.
    /// </summary>
    /// <param name="answers">How many workers are to answer each: images that so many more may not answer are left out. From 1.</param>
    /// <param name="after"><see cref="GatheredFollowUps.Next"/> of the page before; null for the first.</param>
    /// <param name="most">How many follow-ups at most, from 1.</param>
    [Alias("Gather"), SafeToRepeat]
    Task<GatheredFollowUps> GatherAsync(int answers, string? after, int most);

    /// <summary>
    /// How far the partition is; from then on it reports to <see cref="IDispatchGrain.ReportAsync"/> what changes. New tasks it
    /// reports in any case.
    /// </summary>
    [Alias("GetProgress"), SafeToRepeat]
    Task<PartitionProgress> GetProgressAsync();

    /// <summary>Who answered anything, as far as is known without reading facts.</summary>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<KnownWorkers> GetWorkersAsync();

    /// <summary>What each worker did here, by every answer; at most <see cref="MaxWorkersTold"/> workers. Empty where the job is deleted.</summary>
    [Alias("GetWorkerTallies"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>> GetWorkerTalliesAsync();

    /// <summary>What one worker did here, at the cost of its own answers; null where it answered nothing, or the job is deleted.</summary>
    [Alias("GetWorkerTally"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker);

    /// <summary>What workers did here by day: of at most <see cref="WorkQuery.MaxWorkers"/> workers. Nothing where the job is deleted.</summary>
    [Alias("GetWork"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkRecords> GetWorkAsync(WorkQuery query);

    /// <summary>The first of the images here in an order; empty where the job is deleted.</summary>
    [Alias("Rank"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<RankedImage>> RankAsync(ImageSelection selection);

    /// <summary>The posteriors of the images here under the adopted model; null where the job is deleted, or has none.</summary>
    /// <param name="isFinal">Whether what is adjudicated is certain.</param>
    [Alias("SumPosteriors"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<PosteriorSums?> SumPosteriorsAsync(bool isFinal);

    /// <summary>How far workers agree here, by the day (UTC) of an image's latest answer, ordered.</summary>
    [Alias("GetAgreement"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>>> GetAgreementAsync();

    /// <summary>What images show instead, where that was decided: how many of each label; empty where the job is deleted.</summary>
    [Alias("CountRightLabels"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<Label, int>>> CountRightLabelsAsync();

    /// <summary>The votes on each gold image that was shown here; empty where the job is deleted.</summary>
    [Alias("CountGold"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<GoldCount>> CountGoldAsync();

    /// <summary>
    /// Whether a worker has passed the job's qualification by the gold of this partition; null where the job is deleted or asks for none.
    /// </summary>
    [Alias("Qualify"), SafeToRepeat]
    Task<Qualification?> QualifyAsync(WorkerId worker);

    /// <summary>The same by the batches alone that were answered later than <paramref name="since"/>.</summary>
    [Alias("QualifySince"), SafeToRepeat]
    Task<Qualification?> QualifyAsync(WorkerId worker, SubmissionTime since);

    /// <summary>
    /// Keeps a place in a batch of gold for a worker for as long as a lease lasts, so that others who answer meanwhile don't take it. Known to this
    /// activation alone.
    /// </summary>
    /// <returns>False where the batch has no place left for the worker, or is not of the partition: ask for another.</returns>
    [Alias("Hold"), SafeToRepeat]
    Task<bool> HoldAsync(TaskNumber task, WorkerId worker);

    /// <summary>
    /// Lays the votes that count by for an estimate, for as long as that goes on asking: what comes later does not change them. Known to
    /// this activation alone.
    /// </summary>
    /// <param name="estimate">Its id; asked again, votes that are laid by already stay.</param>
    /// <returns>Null where the job is deleted.</returns>
    [Alias("LayByVotes"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<LaidByVotes?> LayByVotesAsync(string estimate);

    /// <summary>Sums over the votes that are laid by (<see cref="ExpectedCounts"/>, packed), computed beside the grain's other calls.</summary>
    /// <param name="estimate">Whose votes.</param>
    /// <param name="parameters">Packed; null for sums by majority.</param>
    /// <param name="without">Votes to leave out, and images that are not sampled with them; null for none.</param>
    /// <returns>Null where nothing is laid by for it (any more): the estimate begins anew.</returns>
    [Alias("Expect"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<double[]?> ExpectAsync(string estimate, double[]? parameters, HeldOutVotes? without);

    /// <summary>How well models predict held-out votes that are laid by; null as for <see cref="ExpectAsync"/>.</summary>
    [Alias("Score"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<HeldOutSums?> ScoreAsync(string estimate, ScoredModels models, HeldOutVotes heldOut);

    /// <summary>Drops what is laid by for an estimate.</summary>
    [Alias("DropVotes"), SafeToRepeat]
    Task DropVotesAsync(string estimate);

    /// <summary>Those of the tasks that are of this partition.</summary>
    [Alias("GetTasks"), SafeToRepeat]
    Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks);

    /// <summary>Takes over new rules: the counters are right when this returns. Rules of an earlier revision than the fold's change nothing.</summary>
    [Alias("ChangePolicy"), SafeToRepeat]
    Task ChangeRulesAsync(JobInfo job);

    /// <summary>Writes the label table's rows of tasks that have changed since they were last written. Idempotent.</summary>
    /// <param name="all">Whether of all tasks, or only of those that have all their answers.</param>
    [Alias("WriteLabels"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task WriteLabelsAsync(bool all);

    /// <summary>The same by rules of at least this revision, whether or not the partition was told of them; and whoever answers is the partition's present activation.</summary>
    [Alias("WriteLabelsBy"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task WriteLabelsAsync(bool all, int rulesRevision);

    /// <summary>Compares the fold with a fresh one of the facts under the job's present rules, and takes the fresh one over.</summary>
    [Alias("Audit"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<AuditReport> AuditAsync();

    /// <summary>The job is deleted: nothing is taken any more, by this activation or a stale twin of it. Durable on return.</summary>
    [Alias("Retire"), SafeToRepeat]
    Task RetireAsync();

    /// <summary>Deletes the partition's own record, once its facts are gone.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// One class of one life of a job, keyed by its class key: how many partitions it has, and what they come to together. A
/// class has one at first; the next is opened when the last is full, and nothing ever moves between them.
/// </summary>
[Alias("BulkQA.IClassGrain"), Version(2)]
public interface IClassGrain : IGrainWithStringKey
{
    /// <summary>From 1.</summary>
    [Alias("CountPartitions"), SafeToRepeat]
    Task<int> CountPartitionsAsync();

    /// <summary>Opens the next partition if there are still <paramref name="partitions"/>. Idempotent, durable on return.</summary>
    /// <returns>How many there are now.</returns>
    [Alias("Open"), SafeToRepeat]
    Task<int> OpenAsync(int partitions);

    /// <summary>Whether the class has gold: see <see cref="PartitionAddress.GoldNumber"/>.</summary>
    [Alias("HasGold"), SafeToRepeat]
    Task<bool> HasGoldAsync();

    /// <summary>Opens the class's partition of gold, if that is not done, and tells dispatch. Idempotent, durable on return.</summary>
    /// <returns>False where the job is deleted.</returns>
    [Alias("OpenGold"), SafeToRepeat]
    Task<bool> OpenGoldAsync();

    /// <summary>The votes on each of the class's gold images, wherever it was shown; empty where the job is deleted.</summary>
    [Alias("CountGold"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<GoldCount>> CountGoldAsync();

    /// <inheritdoc cref="IPartitionGrain.GetTallyAsync()"/>
    [Alias("GetTally"), SafeToRepeat]
    Task<ClassTally?> GetTallyAsync();

    /// <inheritdoc cref="IPartitionGrain.GetTallyAsync(int)"/>
    [Alias("GetTallyBy"), SafeToRepeat]
    Task<ClassTally?> GetTallyAsync(int rulesRevision);

    /// <inheritdoc cref="IPartitionGrain.GetHistogramAsync(bool)"/>
    [Alias("GetHistogram"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedImages?> GetHistogramAsync(bool isFinal);

    /// <inheritdoc cref="IPartitionGrain.GetHistogramAsync(ModelVersion, bool)"/>
    [Alias("GetVersionHistogram"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedImages?> GetHistogramAsync(ModelVersion version, bool isFinal);

    /// <inheritdoc cref="IPartitionGrain.BreakDownAsync"/>
    [Alias("BreakDown"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<CountedReviews?> BreakDownAsync(DateOnly first, DateOnly last);

    /// <inheritdoc cref="IPartitionGrain.SumPosteriorsAsync"/>
    [Alias("SumPosteriors"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<PosteriorSums?> SumPosteriorsAsync(bool isFinal);

    /// <summary>A task of the class for this worker, or why there is none.</summary>
    [Alias("Lease"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker);

    /// <summary>The same, of a job that says how many answers each team gives to a task, as <see cref="IPartitionGrain.LeaseAsync(WorkerId, WorkerTeams, int?, ImmutableArray{int}?)"/> does.</summary>
    [Alias("LeaseForTeam"), SafeToRepeat]
    Task<ClassLease> LeaseAsync(WorkerId worker, WorkerTeams teams, int? answers);

    /// <summary>Whether anything of the class is there for a worker or others of its team, as <see cref="IPartitionGrain.IsWantedAsync"/> says.</summary>
    [Alias("IsWantedOf"), SafeToRepeat]
    Task<bool> IsWantedAsync(WorkerId worker, TeamName team, int answers);

    /// <summary>What is decided of the class under the job's target; null where nothing ever was.</summary>
    [Alias("GetDecisions"), SafeToRepeat]
    Task<ClassDecisions?> GetDecisionsAsync();

    /// <summary>
    /// Stores decisions as <see cref="ClassDecisions.Then"/> says, and from then on hands out no task all of whose images are of what is decided.
    /// Durable on return.
    /// </summary>
    /// <returns>What is decided now.</returns>
    [Alias("DecideTarget"), SafeToRepeat]
    Task<ClassDecisions> DecideAsync(ClassDecisions decisions);

    /// <summary>How many of the class's tasks lack answers and are not handed out any more. Folds partitions that nobody has looked at.</summary>
    [Alias("CountSkipped"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<int> CountSkippedAsync();

    /// <summary>How workers tell whether a picture is of the class; null where nobody said.</summary>
    [Alias("GetGuidance"), SafeToRepeat]
    Task<ClassGuidance?> GetGuidanceAsync();

    /// <summary>Says how workers tell whether a picture is of the class; null or nothing takes that away. Durable on return, idempotent.</summary>
    /// <returns>False where the job is deleted.</returns>
    [Alias("SetGuidance"), SafeToRepeat]
    Task<bool> SetGuidanceAsync(ClassGuidance? guidance);

    /// <summary>Whether the class's images are in the random order of the seed; reads all of its tasks.</summary>
    [Alias("IsShuffled"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<bool> IsShuffledAsync(int seed);

    /// <inheritdoc cref="IPartitionGrain.GetProgressAsync"/>
    [Alias("GetProgress"), SafeToRepeat]
    Task<ImmutableArray<PartitionProgress>> GetProgressAsync();

    /// <inheritdoc cref="IPartitionGrain.GetWorkersAsync"/>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<ImmutableArray<KnownWorkers>> GetWorkersAsync();

    /// <summary>What each worker did in the class; empty where the job is deleted.</summary>
    [Alias("GetWorkerTallies"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>> GetWorkerTalliesAsync();

    /// <summary>What one worker did in the class; null where it answered nothing, or the job is deleted.</summary>
    [Alias("GetWorkerTally"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker);

    /// <summary>What workers did in the class by day, as far as all of its partitions tell at once.</summary>
    [Alias("GetWork"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkRecords> GetWorkAsync(WorkQuery query);

    /// <summary>How far workers agree in the class, by day.</summary>
    [Alias("GetAgreement"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>>> GetAgreementAsync();

    /// <summary>What images of the class show instead, where that was decided: how many of each label, the most first.</summary>
    [Alias("CountRightLabels"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<Label, int>>> CountRightLabelsAsync();

    /// <inheritdoc cref="IPartitionGrain.ChangeRulesAsync"/>
    [Alias("ChangePolicy"), SafeToRepeat]
    Task ChangeRulesAsync(JobInfo job);

    /// <inheritdoc cref="IPartitionGrain.RetireAsync"/>
    /// <returns>How many partitions there are.</returns>
    [Alias("Retire"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<int> RetireAsync();

    /// <inheritdoc cref="IPartitionGrain.ForgetAsync"/>
    [Alias("Forget"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task ForgetAsync();
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>The classes of one life of a job, keyed by its incarnation, and what they come to.</summary>
[Alias("BulkQA.IJobClassesGrain"), Version(2)]
public interface IJobClassesGrain : IGrainWithStringKey
{
    /// <summary>Makes classes known, before the first of their images is stored. Idempotent, durable on return.</summary>
    /// <returns>Those that the job can't take, because it has <see cref="JobLimits.MaxClasses"/>; null where the job is deleted.</returns>
    [Alias("Add"), SafeToRepeat]
    Task<ImmutableArray<Label>?> AddAsync(ImmutableArray<Label> labels);

    /// <summary>The classes, ordered; null where the job is deleted.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<Label>?> ListAsync();

    /// <summary>Makes model versions known, before the first of their images is stored. Idempotent, durable on return.</summary>
    /// <returns>Those that the job can't take, because it has <see cref="ModelVersion.MaxPerJob"/>; null where the job is deleted.</returns>
    [Alias("AddVersions"), SafeToRepeat]
    Task<ImmutableArray<ModelVersion>?> AddVersionsAsync(ImmutableArray<ModelVersion> versions);

    /// <summary>The model versions that images may be of, ordered; null where the job is deleted.</summary>
    [Alias("ListVersions"), SafeToRepeat]
    Task<ImmutableArray<ModelVersion>?> ListVersionsAsync();

    /// <summary>The counters of the given classes, or of all, ordered by label; null where the job is deleted.</summary>
    [Alias("GetTallies"), SafeToRepeat]
    Task<ImmutableArray<KeyValuePair<Label, ClassTally>>?> GetTalliesAsync(ImmutableArray<Label>? labels);

    /// <summary>Who answered in the job, ordered by id, as far as is known without reading facts.</summary>
    [Alias("GetWorkers"), SafeToRepeat]
    Task<KnownWorkers> GetWorkersAsync();

    /// <summary>What each worker did in the job, ordered by id; null where the job is deleted. Reads the facts of classes that nobody has looked at.</summary>
    [Alias("GetWorkerTallies"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>?> GetWorkerTalliesAsync();

    /// <summary>What one worker did in the job; null where it answered nothing, or the job is deleted. Reads the facts of classes that nobody has looked at.</summary>
    [Alias("GetWorkerTally"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker);

    /// <summary>What workers did in the job by day, as far as all of its partitions tell at once; null where the job is deleted. Reads the facts of classes that nobody has looked at.</summary>
    [Alias("GetWork"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<WorkRecords?> GetWorkAsync(WorkQuery query);

    /// <summary>How far workers agree in each class, ordered by label; null where the job is deleted.</summary>
    [Alias("GetAgreement"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<ImmutableArray<ClassAgreement>?> GetAgreementAsync();

    /// <summary>The labels that images have and what they show instead, where that was decided, the most images first; null where the job is deleted.</summary>
    /// <param name="most">Pairs that are told of at most, from 1.</param>
    [Alias("GetCorrections"), SafeToRepeat, ResponseTimeout(LongCalls.Timeout)]
    Task<LabelCorrections?> GetCorrectionsAsync(int most);

    /// <inheritdoc cref="IPartitionGrain.ChangeRulesAsync"/>
    [Alias("ChangePolicy"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task ChangeRulesAsync(JobInfo job);

    /// <summary>The job is deleted: no class is added any more. Durable on return.</summary>
    /// <returns>The classes it had.</returns>
    [Alias("Retire"), SafeToRepeat]
    Task<ImmutableArray<Label>> RetireAsync();

    /// <summary>Deletes the list, once everything of the classes is gone.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

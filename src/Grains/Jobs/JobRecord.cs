using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What a job stores: its present life, and what is left of earlier ones.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.JobRecord")]
public sealed record JobRecord
{
    [Id(0)]
    public LivingJob? Living { get; init; }

    [Id(1)]
    public ImmutableArray<Tombstone> Tombstones { get; init; } = [];
}

/// <param name="RewritePending">What follows the policy may still be of an older one.</param>
/// <param name="ToldRevision">The revision of the policy that every class has been told of.</param>
/// <param name="ReestimateRevision">One more with every change of whether or when to estimate anew.</param>
/// <param name="ReestimatedModel">The newest model that there was when the job last chose one, by hand or by itself: only a newer one is adopted by itself.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.JobLife")]
public sealed record LivingJob(
    [property: Id(0)] JobInfo Info, [property: Id(1)] bool RewritePending, [property: Id(2)] int ToldRevision = 0, [property: Id(3)] int ReestimateRevision = 0,
    [property: Id(4)] int ReestimatedModel = 0)
{
    /// <summary>
    /// What was decided about workers, in its order. Beyond <see cref="JobLimits.MaxDecisions"/> the oldest make way, but for those by which
    /// somebody is set aside now.
    /// </summary>
    [Id(5)]
    public ImmutableArray<WorkerDecision> Decisions { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>How many decisions there have been.</summary>
    [Id(6)]
    public int DecisionCount { get; init; }

    /// <summary>The last changes of the target, in their order; <see cref="JobLimits.MaxTargetChanges"/> at most.</summary>
    [Id(9)]
    public ImmutableArray<TargetSetting> TargetChanges { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>The ids of the last changes that had one, in their order; <see cref="MaxChanges"/> at most.</summary>
    [Id(10)]
    public ImmutableArray<Guid> Changes { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Changes that are known by their ids: more than are made while one is still on its way.</summary>
    private const int MaxChanges = 20;

    /// <summary>With the id of one more change.</summary>
    public LivingJob WithChange(Guid change) => this with { Changes = [.. Changes.Skip(Changes.Length - MaxChanges + 1), change] };

    /// <summary>One more with every change of what classes are watched for, or of whether they are.</summary>
    [Id(11)]
    public int AlarmRevision { get; init; }

    /// <summary>The last decision about a worker; null for none.</summary>
    public WorkerDecision? LastDecisionOn(WorkerId worker) => Decisions.LastOrDefault(decision => decision.Worker == worker);

    /// <summary>With one more decision, under the next number.</summary>
    public LivingJob With(WorkerDecision decision)
    {
        var all = Decisions.Add(decision with { Number = DecisionCount + 1 });
        // There is always one: fewer workers can be set aside than decisions are remembered.
        if (all.Length > JobLimits.MaxDecisions) all = all.Remove(all.First(old => !old.IsSetAside || all.Last(other => other.Worker == old.Worker && other.Qualification is null) != old));
        return this with { Decisions = all, DecisionCount = DecisionCount + 1 };
    }
}

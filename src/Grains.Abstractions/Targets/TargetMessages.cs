using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A job's target, or that it has none any more.</summary>
/// <param name="Revision">From 1, one more with every change. What is decided is decided under one revision, and its level is that of each by itself.</param>
/// <param name="Target">Null where it was taken away.</param>
/// <param name="By">Who changed it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetSetting")]
public sealed record TargetSetting([property: Id(0)] int Revision, [property: Id(1)] JobTarget? Target, [property: Id(2)] string By, [property: Id(3)] DateTimeOffset At)
{
    /// <summary>Whether this target, or one before it, is or was of each bucket by itself.</summary>
    [Id(4)]
    public bool HadBuckets { get; init; }
}

/// <summary>A class, or a bucket of one.</summary>
/// <param name="Bucket">Its index; null for the whole class.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetMember")]
public sealed record TargetMember([property: Id(0)] Label Label, [property: Id(1)] int? Bucket);

/// <summary>What was decided of a class or a bucket of it, with the numbers that it was decided by.</summary>
/// <param name="Bucket">Its index; null for the whole class.</param>
/// <param name="Verdict">Pass or fail.</param>
/// <param name="Images">How many there were.</param>
/// <param name="Reviewed">Of them, in tasks that had all their answers.</param>
/// <param name="Incorrect">Of those, not Confirmed.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassDecision")]
public sealed record ClassDecision(
    [property: Id(0)] int? Bucket, [property: Id(1)] TargetVerdict Verdict, [property: Id(2)] long Images, [property: Id(3)] long Reviewed, [property: Id(4)] long Incorrect,
    [property: Id(5)] DateTimeOffset At);

/// <summary>What is decided of a class under one revision of the target.</summary>
/// <param name="IsOpenAgain">It has got images since, which nothing is decided of: its tasks are handed out in spite of the decisions.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassDecisions")]
public sealed record ClassDecisions([property: Id(0)] int Revision, [property: Id(1)] ImmutableArray<ClassDecision> All, [property: Id(2)] bool IsOpenAgain)
{
    /// <summary>The decision of the class, or of a bucket; null where there is none.</summary>
    public ClassDecision? Find(int? bucket) => All.FirstOrDefault(decision => decision.Bucket == bucket);

    /// <summary>The buckets that no tasks are handed out of any more, for <see cref="TaskDispatch.Skip"/>.</summary>
    public ImmutableArray<int> Skipped => IsOpenAgain ? [] : [.. All.Select(decision => decision.Bucket ?? TaskDispatch.EveryBucket)];

    /// <summary>
    /// These and others. Of the same revision what is decided stays, and only what is new is added; those of a later one take the place of all.
    /// </summary>
    public ClassDecisions Then(ClassDecisions other)
    {
        if (other.Revision != Revision) return other.Revision > Revision ? other : this;
        var added = other.All.RemoveAll(decision => Find(decision.Bucket) is not null);
        return added.IsEmpty && (IsOpenAgain || !other.IsOpenAgain) ? this : this with { All = All.AddRange(added), IsOpenAgain = IsOpenAgain || other.IsOpenAgain };
    }

    public bool Equals(ClassDecisions? other) => other is not null && Revision == other.Revision && IsOpenAgain == other.IsOpenAgain && All.AsSpan().SequenceEqual(other.All.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Revision, All.Length, IsOpenAgain);
}

/// <summary>How a job stands to its target.</summary>
/// <param name="Revision">Of the target.</param>
/// <param name="FixedAt">When the family was fixed; null before anything is reviewed.</param>
/// <param name="Members">Classes, or buckets of classes, that the error is shared among; 0 before the family is fixed.</param>
/// <param name="Void">Those of which nothing is decided because their reviews are no random sample.</param>
/// <param name="TasksSkipped">Tasks that lack answers and are not handed out any more.</param>
/// <param name="Reviewed">Images reviewed in tasks that have all their answers.</param>
/// <param name="IsPublished">Whether labeling jobs can know what is decided; otherwise the next look tries again.</param>
/// <param name="HaveRulesChanged">Whether verdicts are decided by other rules now than when the family was fixed: then nobody promises the level.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetProgress")]
public sealed record TargetProgress(
    [property: Id(0)] int Revision, [property: Id(1)] DateTimeOffset? FixedAt, [property: Id(2)] int Members, [property: Id(3)] int Open, [property: Id(4)] int Passed,
    [property: Id(5)] int Failed, [property: Id(6)] int Void, [property: Id(7)] long TasksSkipped, [property: Id(8)] long Reviewed, [property: Id(9)] bool IsPublished,
    [property: Id(10)] bool HaveRulesChanged = false);

/// <summary>How a class or bucket stands now.</summary>
/// <param name="Standing">Null before the family is fixed.</param>
/// <param name="Images">How many it has.</param>
/// <param name="Reviewed">Of them, in tasks that have all their answers.</param>
/// <param name="Incorrect">Of those, not Confirmed.</param>
/// <param name="Decision">What was decided; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetStanding")]
public sealed record TargetStanding(
    [property: Id(0)] TargetMember Member, [property: Id(1)] FamilyStanding? Standing, [property: Id(2)] long Images, [property: Id(3)] long Reviewed, [property: Id(4)] long Incorrect,
    [property: Id(5)] ClassDecision? Decision);

/// <summary>A page of a listing.</summary>
/// <param name="IsLast">Whether there is no other after it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetPage")]
public sealed record TargetPage(
    [property: Id(0)] TargetSetting Setting, [property: Id(1)] TargetProgress Progress, [property: Id(2)] ImmutableArray<TargetStanding> Items, [property: Id(3)] bool IsLast);

namespace BulkQA.Grains;

/// <summary>What a job's target stores beside the decisions, which are with their classes.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TargetRecord")]
public sealed record TargetRecord
{
    /// <summary>Of the target that the rest is about; 0 for none.</summary>
    [Id(0)]
    public int Revision { get; init; }

    /// <summary>The family, packed (<see cref="Core.TargetFamily"/>); null before it is fixed. 130 KB for 10,000 classes.</summary>
    [Id(1)]
    public byte[]? Family { get; init; }

    [Id(2)]
    public DateTimeOffset? FixedAt { get; init; }

    /// <summary>Of the rules that verdicts were decided by when the family was fixed; null before, and where that was not noted.</summary>
    [Id(3)]
    public int? RulesRevision { get; init; }
}

using BulkQA.Core;

namespace BulkQA.Grains;

// How a target travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.JobTarget")]
internal readonly struct JobTargetSurrogate(JobTarget value)
{
    [Id(0)] public readonly double MaxIncorrectPerCorrect = value.MaxIncorrectPerCorrect;
    [Id(1)] public readonly double Level = value.Level;
    [Id(2)] public readonly TargetScope Per = value.Per;
}

[RegisterConverter]
internal sealed class JobTargetConverter : IConverter<JobTarget, JobTargetSurrogate>
{
    public JobTarget ConvertFromSurrogate(in JobTargetSurrogate surrogate) => new(surrogate.MaxIncorrectPerCorrect, surrogate.Level, surrogate.Per);

    public JobTargetSurrogate ConvertToSurrogate(in JobTarget value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ShuffledRun")]
internal readonly struct ShuffledRunSurrogate(ShuffledRun value)
{
    [Id(0)] public readonly ulong? First = value.First;
    [Id(1)] public readonly ulong? Last = value.Last;
    [Id(2)] public readonly bool IsShuffled = value.IsShuffled;
}

[RegisterConverter]
internal sealed class ShuffledRunConverter : IConverter<ShuffledRun, ShuffledRunSurrogate>
{
    public ShuffledRun ConvertFromSurrogate(in ShuffledRunSurrogate surrogate) => new(surrogate.First, surrogate.Last, surrogate.IsShuffled);

    public ShuffledRunSurrogate ConvertToSurrogate(in ShuffledRun value) => new(value);
}

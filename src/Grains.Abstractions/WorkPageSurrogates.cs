using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

// How what a job's worker page shows travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.JobWork")]
internal readonly struct JobWorkSurrogate(JobWork value)
{
    [Id(0)] public readonly string? Instructions = value.Instructions;
    [Id(1)] public readonly bool SeeWholeBatch = value.SeeWholeBatch;
    [Id(2)] public readonly bool GoldFeedback = value.GoldFeedback;
}

[RegisterConverter]
internal sealed class JobWorkConverter : IConverter<JobWork, JobWorkSurrogate>
{
    public JobWork ConvertFromSurrogate(in JobWorkSurrogate surrogate) =>
        new() { Instructions = surrogate.Instructions, SeeWholeBatch = surrogate.SeeWholeBatch, GoldFeedback = surrogate.GoldFeedback };

    public JobWorkSurrogate ConvertToSurrogate(in JobWork value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ClassGuidance")]
internal readonly struct ClassGuidanceSurrogate(ClassGuidance value)
{
    [Id(0)] public readonly string? Text = value.Text;
    [Id(1)] public readonly ImmutableArray<ImageUrl> Right = value.Right;
    [Id(2)] public readonly ImmutableArray<ImageUrl> Wrong = value.Wrong;
}

[RegisterConverter]
internal sealed class ClassGuidanceConverter : IConverter<ClassGuidance, ClassGuidanceSurrogate>
{
    public ClassGuidance ConvertFromSurrogate(in ClassGuidanceSurrogate surrogate) =>
        new() { Text = surrogate.Text, Right = surrogate.Right, Wrong = surrogate.Wrong };

    public ClassGuidanceSurrogate ConvertToSurrogate(in ClassGuidance value) => new(value);
}

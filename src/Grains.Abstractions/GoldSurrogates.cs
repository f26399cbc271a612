using BulkQA.Core;

namespace BulkQA.Grains;

// How gold travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.GoldAnswer")]
internal readonly struct GoldAnswerSurrogate(GoldAnswer value)
{
    [Id(0)] public readonly bool IsRight = value.IsRight;
    [Id(1)] public readonly GoldPlace? Of = value.Of;
}

[RegisterConverter]
internal sealed class GoldAnswerConverter : IConverter<GoldAnswer, GoldAnswerSurrogate>
{
    public GoldAnswer ConvertFromSurrogate(in GoldAnswerSurrogate surrogate) => new(surrogate.IsRight, surrogate.Of);

    public GoldAnswerSurrogate ConvertToSurrogate(in GoldAnswer value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.GoldPlace")]
internal readonly struct GoldPlaceSurrogate(GoldPlace value)
{
    [Id(0)] public readonly TaskNumber Task = value.Task;
    [Id(1)] public readonly int Index = value.Index;
}

[RegisterConverter]
internal sealed class GoldPlaceConverter : IConverter<GoldPlace, GoldPlaceSurrogate>
{
    public GoldPlace ConvertFromSurrogate(in GoldPlaceSurrogate surrogate) => new(surrogate.Task, surrogate.Index);

    public GoldPlaceSurrogate ConvertToSurrogate(in GoldPlace value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.GoldMix")]
internal readonly struct GoldMixSurrogate(GoldMix value)
{
    [Id(0)] public readonly int OneIn = value.OneIn;
    [Id(1)] public readonly int Seed = value.Seed;
}

[RegisterConverter]
internal sealed class GoldMixConverter : IConverter<GoldMix, GoldMixSurrogate>
{
    public GoldMix ConvertFromSurrogate(in GoldMixSurrogate surrogate) => new(surrogate.OneIn, surrogate.Seed);

    public GoldMixSurrogate ConvertToSurrogate(in GoldMix value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.GoldCount")]
internal readonly struct GoldCountSurrogate(GoldCount value)
{
    [Id(0)] public readonly GoldPlace Gold = value.Gold;
    [Id(1)] public readonly long Confirms = value.Confirms;
    [Id(2)] public readonly long Disconfirms = value.Disconfirms;
}

[RegisterConverter]
internal sealed class GoldCountConverter : IConverter<GoldCount, GoldCountSurrogate>
{
    public GoldCount ConvertFromSurrogate(in GoldCountSurrogate surrogate) => new(surrogate.Gold, surrogate.Confirms, surrogate.Disconfirms);

    public GoldCountSurrogate ConvertToSurrogate(in GoldCount value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.Qualification")]
internal readonly struct QualificationSurrogate(Qualification value)
{
    [Id(0)] public readonly byte State = (byte)value.State;
    [Id(1)] public readonly TaskNumber? Task = value.Task;
    [Id(2)] public readonly int Hits = value.Hits;
    [Id(3)] public readonly int Images = value.Images;
    [Id(4)] public readonly int BatchImages = value.BatchImages;
}

[RegisterConverter]
internal sealed class QualificationConverter : IConverter<Qualification, QualificationSurrogate>
{
    public Qualification ConvertFromSurrogate(in QualificationSurrogate surrogate) => new((QualificationState)surrogate.State, surrogate.Task, surrogate.Hits, surrogate.Images, surrogate.BatchImages);

    public QualificationSurrogate ConvertToSurrogate(in Qualification value) => new(value);
}

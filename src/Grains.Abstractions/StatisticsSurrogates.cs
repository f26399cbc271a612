using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

// How what is counted of images travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.FineHistogram")]
internal readonly struct FineHistogramSurrogate(FineHistogram value)
{
    [Id(0)] public readonly byte[] Packed = value.Pack();
}

[RegisterConverter]
internal sealed class FineHistogramConverter : IConverter<FineHistogram, FineHistogramSurrogate>
{
    public FineHistogram ConvertFromSurrogate(in FineHistogramSurrogate surrogate) => FineHistogram.Unpack(surrogate.Packed);

    public FineHistogramSurrogate ConvertToSurrogate(in FineHistogram value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.PosteriorSums")]
internal readonly struct PosteriorSumsSurrogate(PosteriorSums value)
{
    [Id(0)] public readonly long Images = value.Images;
    [Id(1)] public readonly long Certain = value.Certain;
    [Id(2)] public readonly long Uncertain = value.Uncertain;
    [Id(3)] public readonly double Mean = value.Mean;
    [Id(4)] public readonly double Variance = value.Variance;
    [Id(5)] public readonly double Third = value.Third;
    [Id(6)] public readonly ImmutableArray<double> Each = value.Each;
}

[RegisterConverter]
internal sealed class PosteriorSumsConverter : IConverter<PosteriorSums, PosteriorSumsSurrogate>
{
    public PosteriorSums ConvertFromSurrogate(in PosteriorSumsSurrogate surrogate) => new(
        surrogate.Images, surrogate.Certain, surrogate.Uncertain, surrogate.Mean, surrogate.Variance, surrogate.Third, surrogate.Each);

    public PosteriorSumsSurrogate ConvertToSurrogate(in PosteriorSums value) => new(value);
}

[RegisterConverter]
internal sealed class ModelVersionConverter : IConverter<ModelVersion, TextSurrogate>
{
    public ModelVersion ConvertFromSurrogate(in TextSurrogate surrogate) => ModelVersion.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in ModelVersion value) => new(value.Value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ReviewBreakdown")]
internal readonly struct ReviewBreakdownSurrogate(ReviewBreakdown value)
{
    [Id(0)] public readonly byte[] Packed = value.Pack();
}

[RegisterConverter]
internal sealed class ReviewBreakdownConverter : IConverter<ReviewBreakdown, ReviewBreakdownSurrogate>
{
    public ReviewBreakdown ConvertFromSurrogate(in ReviewBreakdownSurrogate surrogate) => ReviewBreakdown.Unpack(surrogate.Packed);

    public ReviewBreakdownSurrogate ConvertToSurrogate(in ReviewBreakdown value) => new(value);
}

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

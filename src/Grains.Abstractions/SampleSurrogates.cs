using BulkQA.Core;

namespace BulkQA.Grains;

// How samples travel: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.SampleDesign")]
internal readonly struct SampleDesignSurrogate(SampleDesign value)
{
    [Id(0)] public readonly string Text = value.ToString();
}

[RegisterConverter]
internal sealed class SampleDesignConverter : IConverter<SampleDesign, SampleDesignSurrogate>
{
    public SampleDesign ConvertFromSurrogate(in SampleDesignSurrogate surrogate) =>
        SampleDesign.TryParse(surrogate.Text, out var design) ? design : throw new BadInputException($"'{surrogate.Text}' does not say how many images to review");

    public SampleDesignSurrogate ConvertToSurrogate(in SampleDesign value) => new(value);
}

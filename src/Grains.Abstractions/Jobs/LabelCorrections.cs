using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Images whose label was decided to be wrong, by what they show instead.</summary>
/// <param name="Items">The pairs of labels with most images first.</param>
/// <param name="Images">Of all pairs, told of or not.</param>
/// <param name="Pairs">How many there are, told of or not.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LabelCorrections")]
public sealed record LabelCorrections([property: Id(0)] ImmutableArray<LabelCorrection> Items, [property: Id(1)] long Images, [property: Id(2)] int Pairs);

/// <param name="Label">That images have.</param>
/// <param name="RightLabel">What they show.</param>
/// <param name="Images">How many.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LabelCorrection")]
public sealed record LabelCorrection([property: Id(0)] Label Label, [property: Id(1)] Label RightLabel, [property: Id(2)] int Images);

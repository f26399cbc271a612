using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// One labelled image, keyed by <see cref="ImageAddress.GrainKey"/>: everything that is about it alone. It keeps nothing:
/// each call reads the image's place and the facts of its task, strongly consistent.
/// </summary>
[Alias("BulkQA.IImageGrain")]
public interface IImageGrain : IGrainWithStringKey
{
    /// <summary>The image as it is; null where it was never imported.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<AnsweredImage?> GetAsync();
}

/// <summary>An image with all answers to it.</summary>
/// <param name="Image">As the corpus has it.</param>
/// <param name="Task">The task it is in.</param>
/// <param name="History">Every answer that was ever given to it, in the order of their times; replaced ones too.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AnsweredImage")]
public sealed record AnsweredImage(
    [property: Id(0)] CorpusImage Image, [property: Id(1)] TaskNumber Task, [property: Id(2)] ImmutableArray<ImageAnswer> History)
{
    /// <summary>The answers that stand, one a worker.</summary>
    public AnswerSet Answers => AnswerSet.Of(History);

    /// <summary>1 as it was imported, one more with every answer.</summary>
    public int Version => 1 + History.Length;
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// One labelled image, keyed by <see cref="ImageAddress.GrainKey"/>: everything that is about it alone. It keeps nothing:
/// each call reads the image's place and the facts of its task, strongly consistent.
/// </summary>
[Alias("BulkQA.IImageGrain"), Version(2)]
public interface IImageGrain : IGrainWithStringKey
{
    /// <summary>The image as it is; null where it was never imported.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<AnsweredImage?> GetAsync();

    /// <summary>The image with how each of its answers came; null where it was never imported.</summary>
    [Alias("GetHistory"), SafeToRepeat]
    Task<ImageHistory?> GetHistoryAsync();

    /// <summary>Decides about the image, or withdraws what was decided. Durable on return, and then in the class tables.</summary>
    /// <param name="by">Who decides.</param>
    /// <param name="at">When, stamped by whoever first hears of it: a call that is repeated is known by it.</param>
    /// <param name="verdict">Confirmed or Disconfirmed; null withdraws.</param>
    /// <param name="rightLabel">What the image shows instead; null for nothing said.</param>
    /// <param name="note">Why; null for nothing said.</param>
    [Alias("Adjudicate"), SafeToRepeat]
    Task<AdjudicationOutcome> AdjudicateAsync(string by, SubmissionTime at, Verdict? verdict, Label? rightLabel, string? note);
}

/// <summary>An image with all answers to it.</summary>
/// <param name="Image">As the corpus has it.</param>
/// <param name="Task">The task it is in.</param>
/// <param name="History">Every answer that was ever given to it, in the order of their times; replaced ones too.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.AnsweredImage")]
public sealed record AnsweredImage(
    [property: Id(0)] CorpusImage Image, [property: Id(1)] TaskNumber Task, [property: Id(2)] ImmutableArray<ImageAnswer> History)
{
    /// <summary>Everything that was adjudicated, in the order of its times; the last stands.</summary>
    [Id(3)]
    public ImmutableArray<Adjudication> Adjudications { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>What was decided apart from votes; null where nothing was, or it is withdrawn.</summary>
    public Adjudication? Adjudication => Adjudications is [.., { Verdict: not null } last] ? last : null;

    /// <summary>The answers that stand, one a worker.</summary>
    public AnswerSet Answers => AnswerSet.Of(History);

    /// <summary>1 as it was imported, one more with every answer.</summary>
    public int Version => 1 + History.Length;
}

/// <summary>An image, and how each of its answers came.</summary>
/// <param name="Answers">In the order of <see cref="AnsweredImage.History"/>.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ImageHistory")]
public sealed record ImageHistory([property: Id(0)] AnsweredImage Image, [property: Id(1)] ImmutableArray<GivenAnswer> Answers);

/// <summary>One answer to an image, and how it came.</summary>
/// <param name="Source">Where from.</param>
/// <param name="Start">How the boxes were at first.</param>
/// <param name="Taken">How long the worker took for the images answered together; null where nobody measured.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.GivenAnswer")]
public sealed record GivenAnswer(
    [property: Id(0)] ImageAnswer Answer, [property: Id(1)] AnswerSource Source, [property: Id(2)] BoxesAtStart Start, [property: Id(3)] TimeSpan? Taken);

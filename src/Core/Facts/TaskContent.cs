using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>One image as the corpus has it.</summary>
/// <param name="Confidence">Null where the corpus gave none.</param>
/// <param name="Anonymous">Counts that the corpus brought from another system; null where it brought none.</param>
/// <param name="Gold">Its known answer, where it is gold; null for an image whose label is to be judged.</param>
/// <param name="Version">Of the model that gave the label; null where the corpus says none.</param>
/// <param name="Spot">Of an image of a follow-up where it has its place; null for one that has it in this task.</param>
public readonly record struct CorpusImage(ImageUrl Url, Percent? Confidence, AnonymousVotes? Anonymous = null, GoldAnswer? Gold = null, ModelVersion? Version = null, ImageSpot? Spot = null)
{
    /// <summary>Whether it is gold that was mixed into the task, and has its place elsewhere.</summary>
    public bool IsMixedIn => Gold is { Of: not null };

    /// <summary>Whether it has its place in another task than the one that it is an image of.</summary>
    public bool IsElsewhere => IsMixedIn || Spot is not null;
}

/// <summary>The images of a task, in the order of their boxes. A fact: written once, under a number that is never used again.</summary>
/// <param name="Number">The task's number in its job.</param>
/// <param name="Images">From 1 to <see cref="MaxImages"/>.</param>
public sealed record TaskContent(TaskNumber Number, ImmutableArray<CorpusImage> Images)
{
    /// <summary>What a task of any job can have.</summary>
    public const int MaxImages = JobSettings.MaxBatchSize;

    /// <summary>The images' confidences in percent, NaN for none: the form in which they are folded and stored.</summary>
    public double[] PackConfidences() => [.. Images.Select(image => image.Confidence?.Value ?? double.NaN)];

    /// <summary>Which versions the images are of.</summary>
    public TaskVersions Versions => TaskVersions.Of([.. Images.Select(image => image.Version)]);

    public bool Equals(TaskContent? other) => other is not null && Number == other.Number && Images.AsSpan().SequenceEqual(other.Images.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Number, Images.Length);
}

/// <summary>Where an image lies: in which partition of its class, which task, and at which index of it.</summary>
public readonly record struct ImagePlace(int Partition, TaskNumber Task, int Index);

/// <summary>Consecutive task numbers that belong to one partition of a class.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">From 1.</param>
public readonly record struct TaskBlock(TaskNumber First, int Count, Label Label, int Partition)
{
    /// <summary>One more than the last number.</summary>
    public int End => First.Value + Count;

    public bool Holds(TaskNumber task) => task.Value >= First.Value && task.Value < End;
}

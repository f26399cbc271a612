using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A task without its images' URLs: what folding it takes.</summary>
/// <param name="Confidences">In percent, one an image, NaN for none.</param>
/// <param name="Gold">Which of its images are gold, in their order.</param>
/// <param name="Versions">Which model versions its images are of.</param>
public readonly record struct TaskOutline(TaskNumber Task, double[] Confidences, ImmutableArray<GoldMark> Gold, TaskVersions Versions)
{
    public static TaskOutline Of(TaskContent content) => new(content.Number, content.PackConfidences(), GoldMark.Of(content.Images), content.Versions);
}

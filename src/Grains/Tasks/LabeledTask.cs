using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A task's content with the label that its images are asked about.</summary>
public sealed record LabeledTask(Label Label, TaskContent Content)
{
    /// <summary>In the order of their boxes.</summary>
    public ImmutableArray<CorpusImage> Images => Content.Images;
}

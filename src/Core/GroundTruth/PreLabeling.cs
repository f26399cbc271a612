using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// What Ground Truth asks before a task is shown: the data object, by reference (<c>source-ref</c>) or as text
/// (<c>source</c>). Unknown fields are ignored and no version is pinned.
/// </summary>
/// <param name="SourceRef">Where the task's inputs lie; null when <paramref name="Source"/> is given.</param>
/// <param name="Source">The inputs themselves.</param>
public sealed record PreLabelingRequest(LabelingJobArn Job, string? SourceRef, string? Source)
{
    /// <exception cref="BadInputException">The request lacks its job or its data object.</exception>
    public static PreLabelingRequest Parse(ReadOnlyMemory<byte> json)
    {
        using var document = GroundTruthJson.Parse(json, "the pre-labeling request");
        var root = document.RootElement;
        if (!LabelingJobArn.TryParse(GroundTruthJson.Text(root, "labelingJobArn"), out var job, out var problem))
            throw new BadInputException($"labelingJobArn: {problem}");
        if (!root.TryGet("dataObject", out var data) || data.ValueKind != JsonValueKind.Object)
            throw new BadInputException("dataObject: missing, or not an object");
        var (reference, source) = (GroundTruthJson.Text(data, "source-ref"), GroundTruthJson.Text(data, "source"));
        return reference is null && source is null
            ? throw new BadInputException("dataObject: has neither source-ref nor source")
            : new PreLabelingRequest(job, reference, reference is null ? source : null);
    }

    /// <summary>The answer: the inputs become <c>task.input.sourceRef</c> of the template.</summary>
    /// <param name="images">The task's.</param>
    /// <param name="needsHuman">False has Ground Truth skip the task: nobody is asked, and paid, for it.</param>
    public static byte[] Response(IReadOnlyList<LabelingInput> images, bool needsHuman = true)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("taskInput");
            writer.WritePropertyName("sourceRef");
            writer.WriteRawValue(LabelingInput.WriteArray(images));
            writer.WriteEndObject();
            writer.WriteBoolean("isHumanAnnotationRequired", needsHuman);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }
}

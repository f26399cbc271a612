using System.Text.Json;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>
/// One image of a task as Ground Truth's template sees it. <c>confidence</c> is a string there, in round-trip format.
/// </summary>
/// <param name="Policy">
/// The policy that the task's answers are consolidated by, the same in each of its images; null where the inputs name none. A text
/// in every release, so that one that doesn't know the policy still reads the images.
/// </param>
/// <param name="PolicyRevision">Of which revision of the job's policy the inputs are.</param>
/// <param name="BoxesAtStart">
/// What the task's boxes start with, the same in each of its images: <c>ticked</c> or <c>unticked</c>, for the template to follow;
/// null where the job leaves it to the template. A text in every release, too.
/// </param>
public sealed record LabelingInput(
    [property: JsonPropertyName("s3_image_url")] string ImageUrl,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("confidence"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Confidence,
    [property: JsonPropertyName("policy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Policy = null,
    [property: JsonPropertyName("policyRevision"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? PolicyRevision = null,
    [property: JsonPropertyName("boxesAtStart"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BoxesAtStart = null)
{
    /// <param name="boxes">
    /// Null leaves them to the template. Ground Truth's page sends a batch whatever has been said of it, so that
    /// <see cref="BoxesAtStart.Neither"/> begins unticked there.
    /// </param>
    public static LabelingInput Of(ImageUrl url, Label label, Percent? confidence, TaskPolicy policy, BoxesAtStart? boxes = null) => new(
        url.Value, label.Value, confidence?.ToString(), policy.Policy.ToString(), policy.Revision,
        boxes is { } start ? BoxStates.NameOf(start == Core.BoxesAtStart.Neither ? Core.BoxesAtStart.Unticked : start) : null);

    /// <summary>How the boxes of a task begin by what its images say; unknown where they say nothing, different things or what is not known.</summary>
    public static BoxesAtStart StartOf(IEnumerable<LabelingInput> images) =>
        images.Select(image => image.BoxesAtStart).Distinct().Take(2).ToList() is [var only] ? BoxStates.OfName(only) ?? Core.BoxesAtStart.Unknown : Core.BoxesAtStart.Unknown;

    /// <summary>The content of <c>custom-labeling-inputs/{n}.json</c>.</summary>
    public static byte[] WriteArray(IReadOnlyList<LabelingInput> images) =>
        JsonSerializer.SerializeToUtf8Bytes(images, CoreJson.Default.IReadOnlyListLabelingInput);

    /// <exception cref="BadInputException">The bytes are not an array of labeling inputs.</exception>
    public static IReadOnlyList<LabelingInput> ReadArray(ReadOnlySpan<byte> json)
    {
        try
        {
            var images = JsonSerializer.Deserialize(json, CoreJson.Default.IReadOnlyListLabelingInput);
            return images is not null && images.All(image => image is { ImageUrl: not null, Label: not null })
                ? images
                : throw new BadInputException("a labeling input has no s3_image_url or no label");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"the labeling inputs are not a JSON array: {e.Message}", e);
        }
    }
}

/// <summary>The policy that a task's answers are consolidated by.</summary>
/// <param name="Revision">Which of the job's policies it is; null where the inputs don't say.</param>
public sealed record TaskPolicy(VerdictPolicy Policy, int? Revision)
{
    /// <summary>What the task's images name, and null where they name nothing or what can't be followed.</summary>
    /// <param name="images">All images of the task.</param>
    /// <param name="problem">Why what they name can't be followed; null otherwise.</param>
    public static TaskPolicy? Of(IEnumerable<LabelingInput> images, out string? problem)
    {
        problem = null;
        var named = images.Select(image => (image.Policy, image.PolicyRevision)).Distinct().Take(2).ToList();
        if (named.Count > 1)
        {
            problem = "policy: the images name different ones; there are counts and no verdicts";
            return null;
        }
        if (named is not [({ } text, var revision)]) return null;
        if (VerdictPolicy.TryParse(text, out var policy)) return new TaskPolicy(policy.WithoutModel(), revision);
        problem = $"policy: '{Text.Excerpt(text)}' is not known here; there are counts and no verdicts";
        return null;
    }
}

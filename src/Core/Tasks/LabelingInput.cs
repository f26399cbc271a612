using System.Text.Json;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>
/// One image of a task as Ground Truth's template sees it. <c>confidence</c> is a string there, in round-trip format.
/// </summary>
public sealed record LabelingInput(
    [property: JsonPropertyName("s3_image_url")] string ImageUrl,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("confidence"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Confidence)
{
    public static LabelingInput Of(ImageUrl url, Label label, Percent? confidence) =>
        new(url.Value, label.Value, confidence?.ToString());

    /// <summary>The content of <c>custom-labeling-inputs/{n}.json</c>.</summary>
    public static byte[] WriteArray(IReadOnlyList<LabelingInput> images) =>
        JsonSerializer.SerializeToUtf8Bytes(images, CoreJson.Default.IReadOnlyListLabelingInput);

    /// <exception cref="FormatException">The bytes are not an array of labeling inputs.</exception>
    public static IReadOnlyList<LabelingInput> ReadArray(ReadOnlySpan<byte> json)
    {
        try
        {
            var images = JsonSerializer.Deserialize(json, CoreJson.Default.IReadOnlyListLabelingInput);
            return images is not null && images.All(image => image is { ImageUrl: not null, Label: not null })
                ? images
                : throw new FormatException("a labeling input has no s3_image_url or no label");
        }
        catch (JsonException e)
        {
            throw new FormatException($"the labeling inputs are not a JSON array: {e.Message}", e);
        }
    }
}

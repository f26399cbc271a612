using System.Collections.Immutable;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>One image of a consolidated annotation: its verdict, counts and who answered what.</summary>
public sealed record ConsolidatedImage(LabelingInput Image, Verdict Verdict, VoteSet Votes);

/// <summary>What the post-labeling function answers for one object, whatever the number of its workers.</summary>
/// <param name="DatasetObjectId">As it was asked.</param>
/// <param name="Images">Empty where the object could not be read.</param>
/// <param name="Problems">What of the object does not count, and why.</param>
public sealed record ConsolidatedAnnotation(
    string DatasetObjectId, ImmutableArray<ConsolidatedImage> Images, ImmutableArray<string> Problems)
{
    /// <summary>The response to Ground Truth: one entry per object, its content under the label attribute.</summary>
    public static byte[] Response(LabelAttributeName attribute, IEnumerable<ConsolidatedAnnotation> objects)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var annotation in objects) annotation.Write(writer, attribute);
            writer.WriteEndArray();
        }
        return buffer.ToArray();
    }

    private void Write(Utf8JsonWriter writer, LabelAttributeName attribute)
    {
        writer.WriteStartObject();
        writer.WriteString("datasetObjectId", DatasetObjectId);
        writer.WriteStartObject("consolidatedAnnotation");
        writer.WriteStartObject("content");
        writer.WriteStartObject(attribute.Value);
        writer.WriteStartArray("images");
        foreach (var image in Images)
        {
            writer.WriteStartObject();
            writer.WriteString("s3_image_url", image.Image.ImageUrl);
            writer.WriteString("label", image.Image.Label);
            writer.WriteString("verdict", image.Verdict.ToString());
            writer.WriteNumber("confirms", image.Votes.Confirms);
            writer.WriteNumber("disconfirms", image.Votes.Disconfirms);
            writer.WriteStartObject("answers");
            foreach (var vote in image.Votes.Votes) writer.WriteBoolean(vote.Worker.Value, vote.Confirmed);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (Problems.Length > 0)
        {
            writer.WriteStartArray("problems");
            foreach (var problem in Problems) writer.WriteStringValue(problem);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// What Ground Truth asks when workers have answered. No version is pinned, unknown fields are ignored, and
/// <c>labelCategories</c>, <c>outputConfig</c> and the rest may be there or not.
/// </summary>
/// <param name="PayloadUri">Where the answers lie.</param>
/// <param name="RoleArn">The role that may read them; null where none was given.</param>
public sealed record PostLabelingRequest(
    LabelingJobArn Job, LabelAttributeName LabelAttribute, ObjectUri PayloadUri, string? RoleArn)
{
    /// <exception cref="BadInputException">The request lacks its job, its label attribute or its payload.</exception>
    public static PostLabelingRequest Parse(ReadOnlyMemory<byte> json)
    {
        using var document = GroundTruthJson.Parse(json, "the post-labeling request");
        var root = document.RootElement;
        if (!LabelingJobArn.TryParse(GroundTruthJson.Text(root, "labelingJobArn"), out var job, out var problem))
            throw new BadInputException($"labelingJobArn: {problem}");
        if (!LabelAttributeName.TryCreate(GroundTruthJson.Text(root, "labelAttributeName"), out var attribute, out problem))
            throw new BadInputException($"labelAttributeName: {problem}");
        if (!root.TryGet("payload", out var payload) || payload.ValueKind != JsonValueKind.Object
            || !ObjectUri.TryParse(GroundTruthJson.Text(payload, "s3Uri"), out var uri))
            throw new BadInputException("payload.s3Uri: missing, or not of the form s3://bucket/key");
        return new PostLabelingRequest(job, attribute, uri, GroundTruthJson.Text(root, "roleArn"));
    }
}

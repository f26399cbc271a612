using System.Text.Json;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>
/// Of which classes or buckets of a job nothing more needs to be reviewed: what silos publish beside the labeling inputs, and the pre-labeling
/// function reads before it asks anybody.
/// </summary>
/// <param name="Version">Of this format: <see cref="PresentVersion"/>.</param>
/// <param name="Revision">Of the job's target.</param>
/// <param name="Edges">The job's bucket edges.</param>
/// <param name="Classes">Ordered by label.</param>
public sealed record DecidedLabels(int Version, int Revision, IReadOnlyList<double> Edges, IReadOnlyList<DecidedLabel> Classes)
{
    public const int PresentVersion = 1;

    /// <summary>Its name below the folder of the job.</summary>
    public const string ObjectName = "decisions.json";

    /// <summary>More than the object has with 10,000 classes; one that is larger is none of BulkQA's.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Where it lies for a task whose inputs lie there; null where the inputs are not of BulkQA's making.</summary>
    public static ObjectUri? UriFor(ObjectUri inputs) => Manifest.TaskOf(inputs) is null ? null
        : new ObjectUri(inputs.Bucket, string.Concat(inputs.Key.AsSpan(0, inputs.Key.Length - InputsTail(inputs).Length), ObjectName));

    /// <summary>Whether all of a task's images are of what is decided; not so where it has none.</summary>
    /// <exception cref="BadInputException">An image's confidence is not a percentage.</exception>
    public bool Covers(IReadOnlyList<LabelingInput> images)
    {
        if (Classes.Count == 0 || images.Count == 0) return false;
        var edges = BucketEdges.Create(Edges);
        var decided = Classes.ToDictionary(entry => entry.Label, entry => entry.Buckets?.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return images.All(image => decided.TryGetValue(image.Label, out var buckets) && (buckets is null || buckets.Contains(edges.NameOf(edges.IndexOf(ConfidenceOf(image))))));
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, CoreJson.Default.DecidedLabels);

    /// <exception cref="BadInputException">The bytes are no such object, or one of another version.</exception>
    public static DecidedLabels Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var read = JsonSerializer.Deserialize(json, CoreJson.Default.DecidedLabels);
            if (read is not { Edges: not null, Classes: not null } || read.Classes.Any(entry => entry?.Label is null)) throw new BadInputException("the decisions lack edges, classes or a label");
            if (read.Classes.DistinctBy(entry => entry.Label).Count() < read.Classes.Count) throw new BadInputException("the decisions name a class twice");
            if (read.Version != PresentVersion) throw new BadInputException($"the decisions are of version {read.Version}, and {PresentVersion} is known here");
            _ = BucketEdges.Create(read.Edges);
            return read;
        }
        catch (JsonException e)
        {
            throw new BadInputException($"the decisions are not the JSON that they should be: {e.Message}", e);
        }
    }

    private static string InputsTail(ObjectUri inputs) => inputs.Key[(inputs.Key.LastIndexOf("custom-labeling-inputs/", StringComparison.Ordinal))..];

    private static Percent? ConfidenceOf(LabelingInput image)
    {
        if (image.Confidence is not { } text) return null;
        return Percent.TryParse(text, out var percent) ? percent
            : throw new BadInputException($"the confidence '{Text.Excerpt(text)}' is not a percentage");
    }
}

/// <param name="Buckets">The names of those that are decided, as in queries (<c>80-85</c>, <c>underflow</c>); null for the whole class.</param>
public sealed record DecidedLabel(
    string Label, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Buckets = null);

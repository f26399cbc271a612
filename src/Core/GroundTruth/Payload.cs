using System.Collections.Immutable;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>One object of a post-labeling payload: a task, with the answers of all its workers.</summary>
/// <param name="DatasetObjectId">Echoed in the response.</param>
/// <param name="DataUri">Where the task's inputs lie; null when <paramref name="DataContent"/> is given.</param>
/// <param name="DataContent">The task's inputs as text.</param>
/// <param name="Annotations">May be fewer than the workers asked for, and none at all.</param>
public sealed record PayloadObject(
    string DatasetObjectId, string? DataUri, string? DataContent, ImmutableArray<PayloadAnnotation> Annotations);

/// <param name="Content">The answer's JSON text; null when <paramref name="ContentUri"/> is given.</param>
/// <param name="ContentUri">Where the answer lies.</param>
public sealed record PayloadAnnotation(string WorkerId, string? Content, string? ContentUri);

/// <summary>The payload file of a post-labeling request.</summary>
public static class Payload
{
    /// <summary>
    /// The objects of the payload, and what is wrong with those that can't be read: one bad object doesn't stop the others.
    /// </summary>
    /// <exception cref="FormatException">The payload is not a JSON array.</exception>
    public static (ImmutableArray<PayloadObject> Objects, ImmutableArray<string> Problems) Parse(ReadOnlyMemory<byte> json)
    {
        var objects = ImmutableArray.CreateBuilder<PayloadObject>();
        var problems = ImmutableArray.CreateBuilder<string>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Array) throw new FormatException("the payload is not a JSON array");
            var index = 0;
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (Object(element, out var problem) is { } read) objects.Add(read);
                else problems.Add($"object {index}: {problem}");
                index++;
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"the payload is not valid JSON: {e.Message}", e);
        }
        return (objects.ToImmutable(), problems.ToImmutable());
    }

    private static PayloadObject? Object(JsonElement element, out string? problem)
    {
        problem = "it is not a JSON object";
        if (element.ValueKind != JsonValueKind.Object) return null;
        problem = "datasetObjectId is missing";
        if (!element.TryGetProperty("datasetObjectId", out var id)) return null;
        // Documented as a string; some senders write the number.
        var idText = id.ValueKind switch { JsonValueKind.String => id.GetString(), JsonValueKind.Number => id.GetRawText(), _ => null };
        if (string.IsNullOrEmpty(idText)) return null;
        problem = "dataObject has neither s3Uri nor content";
        if (!element.TryGetProperty("dataObject", out var data) || data.ValueKind != JsonValueKind.Object) return null;
        var (uri, content) = (GroundTruthJson.Text(data, "s3Uri"), GroundTruthJson.Text(data, "content"));
        if (uri is null && content is null) return null;
        problem = "annotations is not an array";
        if (!element.TryGetProperty("annotations", out var list) || list.ValueKind != JsonValueKind.Array) return null;
        var annotations = ImmutableArray.CreateBuilder<PayloadAnnotation>();
        foreach (var annotation in list.EnumerateArray())
        {
            problem = $"annotation {annotations.Count} lacks workerId or annotationData";
            if (annotation.ValueKind != JsonValueKind.Object || GroundTruthJson.Text(annotation, "workerId") is not { } worker
                || !annotation.TryGetProperty("annotationData", out var answer) || answer.ValueKind != JsonValueKind.Object)
                return null;
            var (text, answerUri) = (GroundTruthJson.Text(answer, "content"), GroundTruthJson.Text(answer, "s3Uri"));
            if (text is null && answerUri is null) return null;
            annotations.Add(new PayloadAnnotation(worker, text, answerUri));
        }
        problem = null;
        return new PayloadObject(idText, uri, uri is null ? content : null, annotations.ToImmutable());
    }
}

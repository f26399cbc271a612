using System.Collections.Immutable;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>One object of a post-labeling payload: a task, with the answers of all its workers.</summary>
/// <param name="DatasetObjectId">Echoed in the response.</param>
/// <param name="DataUri">Where the task's inputs lie; null when <paramref name="DataContent"/> is given or the object has neither.</param>
/// <param name="DataContent">The task's inputs as text.</param>
/// <param name="Annotations">Those that can be read; may be fewer than the workers asked for, and none at all.</param>
/// <param name="Problems">What of the object can't be read.</param>
public sealed record PayloadObject(
    string DatasetObjectId, string? DataUri, string? DataContent, ImmutableArray<PayloadAnnotation> Annotations,
    ImmutableArray<string> Problems);

/// <param name="Content">The answer's JSON text; null when <paramref name="ContentUri"/> is given.</param>
/// <param name="ContentUri">Where the answer lies.</param>
public sealed record PayloadAnnotation(string WorkerId, string? Content, string? ContentUri);

/// <summary>The payload file of a post-labeling request.</summary>
public static class Payload
{
    /// <summary>
    /// The objects of the payload, each with what of it can't be read, and what is wrong with those that have no id to
    /// answer under. One bad object or annotation doesn't stop the others.
    /// </summary>
    /// <exception cref="BadInputException">The payload is not a JSON array.</exception>
    public static (ImmutableArray<PayloadObject> Objects, ImmutableArray<string> Problems) Parse(ReadOnlyMemory<byte> json)
    {
        var objects = ImmutableArray.CreateBuilder<PayloadObject>();
        var problems = ImmutableArray.CreateBuilder<string>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Array) throw new BadInputException("the payload is not a JSON array");
            var index = 0;
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (Read(() => IdOf(element), _ => { }) is not { } id) problems.Add($"object {index}: it has no datasetObjectId that can be read");
                else if (Read(() => Object(id, element), problem => objects.Add(new PayloadObject(id, null, null, [], [problem]))) is { } found) objects.Add(found);
                index++;
            }
        }
        catch (JsonException e)
        {
            throw new BadInputException($"the payload is not valid JSON: {e.Message}", e);
        }
        return (objects.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>Documented as a string; some senders write the number.</summary>
    private static string? IdOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGet("datasetObjectId", out var id)) return null;
        var text = id.ValueKind == JsonValueKind.Number ? id.GetRawText() : GroundTruthJson.Text(element, "datasetObjectId");
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private static PayloadObject Object(string id, JsonElement element)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        string? uri = null, content = null;
        if (element.TryGet("dataObject", out var data) && data.ValueKind == JsonValueKind.Object)
            (uri, content) = (Read(() => GroundTruthJson.Text(data, "s3Uri"), problems.Add), Read(() => GroundTruthJson.Text(data, "content"), problems.Add));
        if (uri is null && content is null) problems.Add("dataObject has neither s3Uri nor content");
        var annotations = ImmutableArray.CreateBuilder<PayloadAnnotation>();
        if (element.TryGet("annotations", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var entry in list.EnumerateArray())
            {
                var known = problems.Count;
                if (Read(() => Annotation(entry), problem => problems.Add($"annotation {index}: {problem}")) is { } annotation) annotations.Add(annotation);
                else if (problems.Count == known) problems.Add($"annotation {index} lacks workerId or annotationData");
                index++;
            }
        }
        else
        {
            problems.Add("annotations is not an array");
        }
        return new PayloadObject(id, uri, uri is null ? content : null, annotations.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>What can't be read is a problem of its own, and null.</summary>
    private static T? Read<T>(Func<T?> read, Action<string> report) where T : class
    {
        try
        {
            return read();
        }
        catch (BadInputException e)
        {
            report(e.Message);
            return null;
        }
    }

    private static PayloadAnnotation? Annotation(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || GroundTruthJson.Text(entry, "workerId") is not { } worker
            || !entry.TryGet("annotationData", out var answer) || answer.ValueKind != JsonValueKind.Object)
            return null;
        var (text, uri) = (GroundTruthJson.Text(answer, "content"), GroundTruthJson.Text(answer, "s3Uri"));
        return text is null && uri is null ? null : new PayloadAnnotation(worker, text, uri);
    }
}

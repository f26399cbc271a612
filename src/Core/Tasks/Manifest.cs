using System.Text.Json;

namespace BulkQA.Core;

/// <summary>The manifest a labeling job reads: JSON Lines, one per task, each naming that task's inputs.</summary>
public static class Manifest
{
    /// <summary>Where a task's inputs lie below <paramref name="root"/>, which ends with a slash.</summary>
    public static string InputsUri(string root, TaskNumber task) => $"{root}custom-labeling-inputs/{task}.json";

    /// <summary>One line, with its line feed.</summary>
    public static byte[] Line(string sourceRef) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new ManifestLine(sourceRef), CoreJson.Default.ManifestLine), (byte)'\n'];
}

internal sealed record ManifestLine(
    [property: System.Text.Json.Serialization.JsonPropertyName("source-ref")] string SourceRef);

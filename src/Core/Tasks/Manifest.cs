using System.Globalization;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>The manifest a labeling job reads: JSON Lines, one per task, each naming that task's inputs.</summary>
public static class Manifest
{
    /// <summary>Where a task's inputs lie below <paramref name="root"/>, which ends with a slash.</summary>
    public static string InputsUri(string root, TaskNumber task) => $"{root}custom-labeling-inputs/{task}.json";

    /// <summary>
    /// The task whose inputs lie there, if they are of our own making: <c>…/jobs/{incarnation}/custom-labeling-inputs/{n}.json</c>.
    /// </summary>
    public static (Incarnation Incarnation, TaskNumber Task)? TaskOf(ObjectUri inputs)
    {
        if (inputs.Key.Split('/') is not [.., "jobs", var life, "custom-labeling-inputs", var file]
            || !file.EndsWith(".json", StringComparison.Ordinal)
            || !int.TryParse(file.AsSpan(0, file.Length - ".json".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !Incarnation.TryParse(life, out var incarnation))
            return null;
        return (incarnation, new TaskNumber(number));
    }

    /// <summary>Where a line says that the task's inputs lie.</summary>
    /// <exception cref="BadInputException">It is no manifest line.</exception>
    public static string SourceRefOf(string line)
    {
        using var document = GroundTruthJson.Parse(System.Text.Encoding.UTF8.GetBytes(line), "the manifest line");
        return GroundTruthJson.Text(document.RootElement, "source-ref")
            ?? throw new BadInputException("the manifest line has no source-ref");
    }

    /// <summary>One line, with its line feed.</summary>
    public static byte[] Line(string sourceRef) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new ManifestLine(sourceRef), CoreJson.Default.ManifestLine), (byte)'\n'];
}

internal sealed record ManifestLine(
    [property: System.Text.Json.Serialization.JsonPropertyName("source-ref")] string SourceRef);

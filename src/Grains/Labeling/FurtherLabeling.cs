using System.Text.Json;

namespace BulkQA.Grains;

/// <summary>A labeling job about images in doubt alone, beside the job's first.</summary>
public static class FurtherLabeling
{
    /// <summary>Its name, as the request of an operation says it; null where it is about all tasks.</summary>
    public static string? NameOf(string? request)
    {
        if (request is null) return null;
        using var document = JsonDocument.Parse(request);
        return document.RootElement.TryGetProperty("inDoubt", out var inDoubt) && inDoubt.ValueKind == JsonValueKind.True
            ? document.RootElement.GetProperty("name").GetString() : null;
    }
}

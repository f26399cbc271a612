using System.Text.Json;

namespace BulkQA.Core;

/// <summary>Reading JSON that others write: depth-bounded, and every failure names what was being read.</summary>
internal static class GroundTruthJson
{
    private const int MaxDepth = 32;

    /// <exception cref="BadInputException">Not a JSON object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string what)
    {
        try
        {
            var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            throw new BadInputException($"{what} is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{what} is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>As <see cref="JsonElement.TryGetProperty(string, out JsonElement)"/>.</summary>
    /// <exception cref="BadInputException">A property's name is not valid Unicode.</exception>
    public static bool TryGet(this JsonElement parent, string name, out JsonElement value)
    {
        try
        {
            return parent.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException e) when (parent.ValueKind == JsonValueKind.Object)
        {
            // Names are only read where one is compared with a longer one that is escaped, such as "\ud800…".
            throw new BadInputException($"the name of a property beside {name} is not valid Unicode", e);
        }
    }

    /// <summary>A string property; null where it is absent, null or anything but a string.</summary>
    /// <exception cref="BadInputException">The string, or a property's name, is not valid Unicode.</exception>
    public static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGet(name, out var value) || value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException e)
        {
            // Neither bad UTF-8 nor a lone surrogate is found before the text is asked for.
            throw new BadInputException($"{name} is not valid Unicode", e);
        }
    }

    /// <summary>As <see cref="JsonElement.TryGetInt32"/>, and false too where it is no number at all.</summary>
    public static bool TryGetInt32Safely(this JsonElement value, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
    }
}

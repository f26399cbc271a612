using System.Globalization;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>Where a value is in a JSON object: <c>label</c>, <c>data.image</c>, <c>Classes[0].Name</c>.</summary>
internal sealed class JsonPath
{
    private readonly string[] _parts;

    private JsonPath(string text) => (Text, _parts) = (text, text.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.'));

    public string Text { get; }

    /// <summary>The property it begins with, unless there is one of the whole name.</summary>
    public string First => _parts[0];

    public static JsonPath? Of(string? text) => text is null ? null : new JsonPath(text);

    /// <summary>The text of the string or number that is there; null where there is none. A property of the whole name comes first.</summary>
    public string? Find(JsonElement root) => TextOf(At(root));

    /// <summary>The value that is there; null where there is none.</summary>
    public JsonElement? At(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(Text, out var whole) ? whole : Walk(root, _parts);

    /// <summary>The value that is there, given that of <see cref="First"/>; null where there is none.</summary>
    public JsonElement? Inside(JsonElement first) => Walk(first, _parts.AsSpan(1));

    public static string? TextOf(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.String => value.Value.GetString(),
        JsonValueKind.Number => value.Value.GetRawText(),
        _ => null,
    };

    private static JsonElement? Walk(JsonElement value, ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(part, out var property)) value = property;
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength()) value = value[index];
            else return null;
        }
        return value;
    }
}

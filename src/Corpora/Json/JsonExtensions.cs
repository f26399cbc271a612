using System.Text.Json;

namespace BulkQA.Corpora;

internal static class JsonExtensions
{
    /// <summary>A property; null where there is none, or the element is no object.</summary>
    public static JsonElement? At(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    public static JsonElement? At(this JsonElement? element, string name) => element?.At(name);

    /// <summary>The text of a string or number; null for anything else.</summary>
    /// <exception cref="InvalidOperationException">The string is not valid Unicode.</exception>
    public static string? Text(this JsonElement? element) => JsonPath.TextOf(element);

    /// <summary>The elements of an array; none for anything else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
}

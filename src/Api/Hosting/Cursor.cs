using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api;

/// <summary>
/// Where a listing goes on: opaque to clients, and bound to what it was made for, so that one of another job (or of an
/// earlier life of this one) is refused instead of giving wrong pages.
/// </summary>
internal static class Cursor
{
    private const int MaxLength = 8_000;

    public static string Write(string boundTo, params string[] position) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes((string[])[boundTo, .. position]));

    /// <summary>The position, or null where the cursor is not one made for <paramref name="boundTo"/>.</summary>
    public static string[]? Read(string cursor, string boundTo, int parts)
    {
        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor)) return null;
        try
        {
            var read = JsonSerializer.Deserialize<string[]>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)));
            return read is not null && read.Length == parts + 1 && read[0] == boundTo && Array.TrueForAll(read, part => part is not null)
                ? read[1..]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Buffers;
using System.Text;

namespace BulkQA.Core;

/// <summary>The one rule for text that becomes part of a key: valid Unicode, no control characters, bounded in bytes.</summary>
internal static class Text
{
    private static readonly SearchValues<char> _controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(code => (char)code)]);

    /// <summary>Why <paramref name="value"/> can't be used as <paramref name="what"/>, or null where it can.</summary>
    public static string? Problem(string? value, string what, int maxBytes)
    {
        if (string.IsNullOrWhiteSpace(value)) return $"{what} is empty";
        if (value.AsSpan().ContainsAny(_controls)) return $"{what} has a control character";
        if (HasLoneSurrogate(value)) return $"{what} is not valid Unicode (a lone surrogate)";
        var bytes = Encoding.UTF8.GetByteCount(value);
        return bytes > maxBytes ? $"{what} takes {bytes} UTF-8 bytes, {maxBytes} is the most" : null;
    }

    /// <summary>Enough of a hostile text for a person to recognise it.</summary>
    public static string Excerpt(string text) => text.Length <= 40 ? text : $"{text[..40]}…";

    private static bool HasLoneSurrogate(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i])) continue;
            if (i + 1 >= value.Length || !char.IsSurrogatePair(value[i], value[i + 1])) return true;
            i++;
        }
        return false;
    }
}

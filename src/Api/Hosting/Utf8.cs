using System.Text;

namespace BulkQA.Api;

internal static class Utf8
{
    /// <summary>The beginning of a text that takes so many bytes at most; no character is cut in two.</summary>
    public static string Cut(string text, int maxBytes)
    {
        while (Encoding.UTF8.GetByteCount(text) > maxBytes) text = text[..^(char.IsLowSurrogate(text[^1]) ? 2 : 1)];
        return text;
    }
}

using System.Text;

namespace BulkQA.Corpora;

/// <summary>Encodings of text other than UTF-8: UTF-16 where a byte order mark says so, others where they are named.</summary>
public static class TextEncodings
{
    private const string Utf8 = "utf-8";

    private static readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = Utf8,
        ["utf8"] = Utf8,
        ["us-ascii"] = Utf8,
        ["ascii"] = Utf8,
        ["utf-16"] = "utf-16",
        ["utf-16le"] = "utf-16",
        ["utf-16be"] = "utf-16be",
        ["latin-1"] = "iso-8859-1",
        ["latin1"] = "iso-8859-1",
        ["iso-8859-1"] = "iso-8859-1",
        ["windows-1252"] = "windows-1252",
        ["cp1252"] = "windows-1252",
    };

    /// <summary>The names that are understood, for a person.</summary>
    public static string Known => "utf-8, utf-16, utf-16be, latin-1 and windows-1252";

    public static bool IsKnown(string name) => _names.ContainsKey(name);

    /// <summary>The text as UTF-8, and the name of the encoding it is in.</summary>
    /// <param name="text">Read to its third byte, and further as the result is.</param>
    /// <param name="name">The encoding as the caller says; null for UTF-8, or UTF-16 where a byte order mark is there. A mark is believed before a name.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="BadInputException">No such encoding is known.</exception>
    internal static async ValueTask<(Stream Text, string Name)> ToUtf8Async(Stream text, string? name, CancellationToken cancellation)
    {
        var encoding = Utf8;
        if (name is not null && !_names.TryGetValue(name, out encoding))
            throw new BadInputException($"encoding: '{Core.Text.Excerpt(name)}' is not known; known are {Known}");
        var begin = new byte[3];
        var length = await text.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellation);
        var whole = new PrefixedStream(begin.AsMemory(0, length), text);
        encoding = begin switch
        {
            [0xFF, 0xFE, ..] => "utf-16",
            [0xFE, 0xFF, ..] => "utf-16be",
            [0xEF, 0xBB, 0xBF] => Utf8,
            _ => encoding,
        };
        return (encoding == Utf8 ? whole : Encoding.CreateTranscodingStream(whole, Find(encoding), Encoding.UTF8), encoding);
    }

    private static Encoding Find(string name) =>
        CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
}

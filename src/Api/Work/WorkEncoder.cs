using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace BulkQA.Api;

/// <summary>Encodes what stands on pages of work. Letters of all scripts stand as they are, in UTF-8.</summary>
internal static class WorkEncoder
{
    private static readonly HtmlEncoder _encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Encode(string text) => _encoder.Encode(text);
}

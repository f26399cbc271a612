using System.Text;

namespace BulkQA.Api;

/// <summary>A kind of picture file, known by its first bytes and by the endings of its names.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="MediaType">What it is served as.</param>
/// <param name="Extensions">In lower case, with the dot.</param>
/// <param name="IsShown">Whether browsers show it as it is.</param>
/// <param name="IsDecoded">Whether previews are made of it.</param>
internal sealed record PictureType(string Name, string MediaType, string[] Extensions, bool IsShown = true, bool IsDecoded = true)
{
    /// <summary>Bytes that <see cref="Sniff"/> needs to know any of them.</summary>
    public const int SniffedBytes = 4096;

    public static readonly PictureType Jpeg = new("JPEG", "image/jpeg", [".jpg", ".jpeg"]);
    public static readonly PictureType Png = new("PNG", "image/png", [".png"]);
    public static readonly PictureType Gif = new("GIF", "image/gif", [".gif"]);
    public static readonly PictureType WebP = new("WebP", "image/webp", [".webp"]);
    public static readonly PictureType Avif = new("AVIF", "image/avif", [".avif"]);
    public static readonly PictureType Bmp = new("BMP", "image/bmp", [".bmp"], IsDecoded: false);
    public static readonly PictureType Svg = new("SVG", "image/svg+xml", [".svg"], IsDecoded: false);
    public static readonly PictureType Tiff = new("TIFF", "image/tiff", [".tif", ".tiff"], IsShown: false);

    /// <summary>Its codec is under patents: neither browsers (but Safari) nor the library here decode it.</summary>
    public static readonly PictureType Heic = new("HEIC", "image/heic", [".heic", ".heif"], IsShown: false, IsDecoded: false);

    private static readonly Dictionary<string, PictureType> _byExtension = new[] { Jpeg, Png, Gif, WebP, Avif, Bmp, Svg, Tiff, Heic }
        .SelectMany(type => type.Extensions, (type, extension) => (type, extension))
        .ToDictionary(entry => entry.extension, entry => entry.type, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why it can't be shown, as the rest of a sentence about it; null where it can.</summary>
    public string? Problem => IsShown || IsDecoded ? null : $"is {Name}, which browsers don't show and which can't be converted here; convert it to JPEG";

    /// <summary>By the ending of its name; null where that is no picture's.</summary>
    public static PictureType? OfName(string name) => _byExtension.GetValueOrDefault(Path.GetExtension(name));

    /// <summary>By its first bytes; null where no picture begins so.</summary>
    public static PictureType? Sniff(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xD8, 0xFF, ..] => Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => WebP,
        // The second number is the length of what follows the header of 14 bytes; the two after it are reserved.
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 or 40 or 52 or 56 or 64 or 108 or 124, 0, 0, 0, ..] => Bmp,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => Tiff,
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => OfBrands(head),
        _ => IsSvg(head) ? Svg : null,
    };

    public static bool IsZip(ReadOnlySpan<byte> head) => head is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..];

    public override string ToString() => Name;

    /// <summary>Both are HEIF files: a list of brands says which codec is in them.</summary>
    private static PictureType? OfBrands(ReadOnlySpan<byte> head)
    {
        var length = Math.Min(head.Length, (head[2] << 8) | head[3]);
        var isHeif = false;
        for (var at = 8; at + 4 <= length; at += 4)
        {
            // After the first comes its version.
            if (at == 12) continue;
            switch (Encoding.ASCII.GetString(head.Slice(at, 4)))
            {
                case "avif" or "avis": return Avif;
                case "heic" or "heix" or "hevc" or "hevx" or "heim" or "heis" or "mif1" or "msf1": isHeif = true; break;
            }
        }
        return isHeif ? Heic : null;
    }

    /// <summary>Text whose first element is <c>svg</c>, as far as the first bytes show; whether it is one is for an XML reader to say.</summary>
    private static bool IsSvg(ReadOnlySpan<byte> head)
    {
        var text = Encoding.UTF8.GetString(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return text.StartsWith('<') && text.Contains("<svg", StringComparison.Ordinal);
    }
}

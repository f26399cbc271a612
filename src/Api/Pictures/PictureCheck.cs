using System.Globalization;
using System.Xml;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>Whether a file is the picture that its name says, and one that can be shown.</summary>
internal static class PictureCheck
{
    private const int MaxDepth = 1_000;
    private const int MaxEntityCharacters = 100_000;

    /// <summary>What is the matter with it, as the rest of a sentence about it; null where nothing is.</summary>
    /// <param name="content">From its beginning; stands there again afterwards.</param>
    /// <param name="named">What its name says.</param>
    /// <param name="decoder">Knows how many pixels it has.</param>
    /// <param name="options">How many it may have.</param>
    public static string? Problem(Stream content, PictureType named, PictureDecoder decoder, PictureOptions options)
    {
        var head = new byte[PictureType.SniffedBytes];
        var read = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        content.Position = 0;
        if (read == 0) return "is empty";
        var type = PictureType.Sniff(head.AsSpan(0, read));
        if (type is null) return PictureType.IsZip(head) ? "is a zip, whatever its name says" : $"is named like {named}, and its content is no picture that is known here";
        if (type != named) return $"is named like {named}, and is {type}; name it {string.Join(" or ", type.Extensions)}";
        var problem = type.Problem
            ?? (type == PictureType.Svg ? ScriptProblem(content) : null)
            ?? (type.IsDecoded && decoder.IsAvailable ? PixelProblem(content, decoder, options) : null);
        content.Position = 0;
        return problem;
    }

    public static string TooManyPixels(long pixels, PictureOptions options) => string.Create(
        CultureInfo.InvariantCulture, $"has {(pixels + 500_000) / 1_000_000} megapixels, and {options.MaxMegapixels} is the most that is shown; make it smaller");

    private static string? PixelProblem(Stream content, PictureDecoder decoder, PictureOptions options)
    {
        try
        {
            var pixels = decoder.CountPixels(content);
            return pixels > options.MaxPixels ? TooManyPixels(pixels, options) : null;
        }
        catch (BadInputException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Pages show pictures so that nothing in them runs. Elsewhere a file with a script may be opened by itself, and there is
    /// no honest picture that needs one.
    /// </summary>
    private static string? ScriptProblem(Stream content)
    {
        var settings = new XmlReaderSettings
        {
            // Drawing programs declare entities of their own; nothing is fetched for them.
            DtdProcessing = DtdProcessing.Parse,
            XmlResolver = null,
            MaxCharactersFromEntities = MaxEntityCharacters,
            CloseInput = false,
        };
        try
        {
            using var xml = XmlReader.Create(content, settings);
            if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "svg") return "is named like SVG, and its first element is not <svg>";
            do
            {
                // The reader remembers each element that is open.
                if (xml.Depth > MaxDepth) return $"nests elements more than {MaxDepth} deep";
                if (xml.NodeType == XmlNodeType.ProcessingInstruction && xml.Name == "xml-stylesheet") return "has a style sheet of elsewhere; put it into the file";
                if (xml.NodeType != XmlNodeType.Element) continue;
                if (xml.LocalName.ToUpperInvariant() is "SCRIPT" or "FOREIGNOBJECT" or "IFRAME" or "HANDLER") return $"has a <{xml.LocalName}>; pictures run nothing, take it out";
                while (xml.MoveToNextAttribute())
                {
                    if (xml.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)) return $"has a script in {xml.LocalName}; pictures run nothing, take it out";
                    if (string.Concat(xml.Value.Where(c => c > ' ')).StartsWith("javascript:", StringComparison.OrdinalIgnoreCase)) return $"has a script in {xml.LocalName}; pictures run nothing, take it out";
                }
            }
            while (xml.Read());
            return null;
        }
        catch (XmlException e)
        {
            return $"is no SVG that can be read: {e.Message}";
        }
    }
}

using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;

namespace BulkQA.Api;

/// <summary>What markup may say: elements, attributes and addresses. What isn't named here is left out.</summary>
internal static class MarkupRules
{
    /// <summary>The crowd elements that <c>assets/crowd-elements.js</c> stands in for.</summary>
    public static readonly string[] CrowdElements = ["crowd-form", "crowd-card", "crowd-checkbox", "crowd-tabs", "crowd-tab", "crowd-button"];

    /// <summary>Elements that a label may use where a template puts it in without encoding; they lose their attributes.</summary>
    public static readonly HashSet<string> Text =
    [
        "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "mark",
        "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "u", "ul",
    ];

    public static readonly HashSet<string> Template =
    [
        .. Text, .. CrowdElements, "a", "abbr", "address", "article", "aside", "bdi", "bdo", "big", "caption", "center", "cite", "col",
        "colgroup", "del", "details", "dfn", "figcaption", "figure", "font", "footer", "full-instructions", "header", "img", "ins", "kbd",
        "label", "main", "nav", "rp", "rt", "ruby", "samp", "section", "short-instructions", "strike", "style", "summary", "table",
        "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "var", "wbr",
    ];

    /// <summary>Elements without content, and so without an end tag.</summary>
    public static readonly HashSet<string> Void =
        ["area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

    /// <summary>
    /// Elements that browsers open again in every block after one that was left open: nested, they multiply, and so
    /// few may be.
    /// </summary>
    public static readonly HashSet<string> Formatting =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

    /// <summary>Belongs to a whole page and says nothing inside of one: left out without a word.</summary>
    public static readonly HashSet<string> Frame = ["html", "head", "body", "title", "meta"];

    /// <summary>How the content of an element is read; what a tag says for most.</summary>
    public static HtmlParseMode ModeOf(string element) => element switch
    {
        "script" => HtmlParseMode.Script,
        "title" or "textarea" => HtmlParseMode.RCData,
        "style" or "xmp" or "iframe" or "noembed" or "noframes" or "noscript" => HtmlParseMode.Rawtext,
        "plaintext" => HtmlParseMode.Plaintext,
        _ => HtmlParseMode.PCData,
    };

    /// <summary>Elements that end where one named <paramref name="element"/> begins right inside of them.</summary>
    public static bool Ends(string open, string element) => element switch
    {
        "p" or "li" => open == element,
        "dt" or "dd" => open is "dt" or "dd",
        "td" or "th" => open is "td" or "th",
        "tr" => open is "td" or "th" or "tr",
        _ => false,
    };

    /// <summary>Why the element can't be used; null where it is left out without a word.</summary>
    public static string? RefusalOf(HtmlTagToken tag)
    {
        if (tag.Name == "meta" && tag.GetAttribute("http-equiv").Length > 0) return "<meta http-equiv> can't be used";
        if (Frame.Contains(tag.Name)) return null;
        return tag.Name switch
        {
            "script" => tag.GetAttribute("src") switch
            {
                "" => "an inline script can't be used: pages run no scripts but their own",
                var source when IsCrowdScript(source) => null,
                var source => $"the script '{source}' can't be used: pages run no scripts but their own",
            },
            "link" => "<link> can't be used: put styles in <style>",
            "input" or "select" or "textarea" or "button" => $"<{tag.Name}> can't be used: an answer has nothing but its boxes",
            var name when name.StartsWith("crowd-", StringComparison.Ordinal) => $"<{name}> is not supported; these are: {string.Join(", ", CrowdElements)}",
            var name => $"<{name}> can't be used",
        };
    }

    /// <summary>Why the attribute can't be used: null where it can, empty where it is left out without a word.</summary>
    public static string? RefusalOf(string element, HtmlAttributeToken attribute)
    {
        var name = attribute.Name;
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or ':' or '.')) return "";
        if (name.StartsWith("on", StringComparison.Ordinal)) return $"the attribute {name} of <{element}> can't be used: pages run no scripts but their own";
        return name switch
        {
            "srcdoc" or "formaction" or "action" or "ping" or "background" or "srcset" => $"the attribute {name} of <{element}> can't be used",
            // Pictures load at once here; and a name on anything but a box would stand in the way of what scripts look for.
            "loading" or "is" or "autofocus" or "tabindex" or "accesskey" => "",
            "name" when element != "crowd-checkbox" => "",
            "href" or "src" or "cite" or "image" or "xlink:href" when !IsHarmless(attribute.Value) =>
                $"the address '{Excerpt(attribute.Value)}' in {name} of <{element}> can't be used",
            _ => null,
        };
    }

    private static bool IsCrowdScript(string source) =>
        Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme == "https" && uri.Host == "assets.crowd.aws"
        && uri.AbsolutePath.StartsWith("/crowd-html-elements", StringComparison.Ordinal);

    /// <summary>Without a scheme, or with one that only fetches. Browsers skip blanks and control characters in front and between.</summary>
    private static bool IsHarmless(string address)
    {
        var text = string.Concat(address.Where(c => c > ' '));
        var colon = text.AsSpan().IndexOfAny(":/?#");
        return colon < 0 || text[colon] != ':' || text[..colon].ToUpperInvariant() is "HTTP" or "HTTPS" or "MAILTO" or "S3";
    }

    private static string Excerpt(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}

using System.Text;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>
/// Reads markup that others wrote and writes it anew, with nothing but what <see cref="MarkupRules"/> allow: every tag
/// closed, every value quoted, custom elements that close themselves unfolded (a browser takes <c>&lt;crowd-card/&gt;</c>
/// for an open tag). One pass over the tokens, without a tree: a tree of hostile markup can take quadratic time and memory.
/// </summary>
internal sealed class Markup
{
    private const int MaxTags = 20_000;
    private const int MaxDepth = 100;
    private const int MaxFormatting = 8;
    private const int MaxRefusals = 20;

    private readonly HashSet<string> _allowed;
    private readonly bool _attributes;
    private readonly StringBuilder _output = new();
    private readonly Stack<string> _open = [];
    private readonly List<string> _refusals = [];
    private int _tags;
    private int _formatting;

    private Markup(HashSet<string> allowed, bool attributes) => (_allowed, _attributes) = (allowed, attributes);

    /// <summary>What a template rendered, with nothing in it that acts, and what was left out for that, each once.</summary>
    /// <exception cref="BadInputException">It has too many tags, or nests them too deep.</exception>
    public static (string Html, IReadOnlyList<string> Refusals) Clean(string rendered)
    {
        var markup = new Markup(MarkupRules.Template, attributes: true);
        return (markup.Rewrite(rendered), markup._refusals);
    }

    /// <summary>A value that is put in without encoding: text and its emphasis, safe between tags and in quoted attributes.</summary>
    /// <exception cref="BadInputException">It has too many tags, or nests them too deep.</exception>
    public static string TextOnly(string value) => new Markup(MarkupRules.Text, attributes: false).Rewrite(value);

    private string Rewrite(string source)
    {
        using var text = new TextSource(source);
        using var tokens = new HtmlTokenizer(text, HtmlEntityProvider.Resolver) { SkipComments = true };
        // The element whose content, which is no markup, is being read; and whether it is kept.
        string? raw = null;
        var kept = false;
        for (var token = Next(tokens); token.Type != HtmlTokenType.EndOfFile; token = Next(tokens))
        {
            if (raw is not null && token.Type == HtmlTokenType.EndTag && token.Name == raw)
            {
                End(raw);
                raw = null;
            }
            else if (raw is not null) _output.Append(kept && token.Type == HtmlTokenType.Character ? token.Data : "");
            else if (token.Type == HtmlTokenType.Character) _output.Append(WorkEncoder.Encode(token.Data));
            else if (token.Type == HtmlTokenType.EndTag) End(token.Name);
            else if (token is HtmlTagToken { Type: HtmlTokenType.StartTag } tag)
            {
                kept = Start(tag);
                tokens.State = MarkupRules.ModeOf(tag.Name);
                raw = tokens.State == HtmlParseMode.PCData ? null : tag.Name;
            }
        }
        while (_open.Count > 0) End(_open.Peek());
        return _output.ToString();
    }

    private static HtmlToken Next(HtmlTokenizer tokens) => tokens.GetStructToken().ToHtmlToken();

    /// <summary>Whether the element may stay.</summary>
    private bool Start(HtmlTagToken tag)
    {
        if (++_tags > MaxTags) throw new BadInputException($"the template makes a page of more than {MaxTags} tags");
        if (!_allowed.Contains(tag.Name))
        {
            Refuse(MarkupRules.RefusalOf(tag));
            return false;
        }
        while (_open.Count > 0 && MarkupRules.Ends(_open.Peek(), tag.Name)) End(_open.Peek());
        _output.Append('<').Append(tag.Name);
        foreach (var attribute in tag.Attributes)
        {
            if (!_attributes) break;
            if (MarkupRules.RefusalOf(tag.Name, attribute) is { } refusal) Refuse(refusal);
            else _output.Append(' ').Append(attribute.Name).Append("=\"").Append(WorkEncoder.Encode(attribute.Value)).Append('"');
        }
        _output.Append('>');
        if (MarkupRules.Void.Contains(tag.Name)) return true;
        _open.Push(tag.Name);
        if (MarkupRules.Formatting.Contains(tag.Name)) _formatting++;
        if (_open.Count > MaxDepth || _formatting > MaxFormatting)
            throw new BadInputException($"the template nests more than {MaxDepth} elements, or {MaxFormatting} such as <b> and <a>");
        if (tag.IsSelfClosing && tag.Name.Contains('-', StringComparison.Ordinal)) End(tag.Name);
        return true;
    }

    /// <summary>Closes the last open element of the name, and those inside of it; a tag that closes nothing is left out.</summary>
    private void End(string name)
    {
        if (!_open.Contains(name)) return;
        string closed;
        do
        {
            closed = _open.Pop();
            if (MarkupRules.Formatting.Contains(closed)) _formatting--;
            _output.Append("</").Append(closed).Append('>');
        }
        while (closed != name);
    }

    private void Refuse(string? reason)
    {
        if (reason is { Length: > 0 } && _refusals.Count < MaxRefusals && !_refusals.Contains(reason)) _refusals.Add(reason);
    }
}

using BulkQA.Grains;
using Fluid;
using Fluid.Values;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Ground Truth's filters <c>grant_read_access</c>, <c>to_json</c> and <c>skip_autoescape</c>; and <c>words</c>, which says our own texts in the language of whoever reads the page.</summary>
internal sealed class TemplateFilters(JobInfo job, PictureAccess pictures, IStringLocalizer<Words> words)
{
    private readonly Dictionary<string, string> _granted = new(StringComparer.Ordinal);

    /// <summary>What the page reads each picture by that the template asked for, by image URL.</summary>
    public IReadOnlyDictionary<string, string> Granted => _granted;

    public void AddTo(FilterCollection filters)
    {
        filters.TryGetValue("json", out var json);
        filters.AddFilter("grant_read_access", (input, _, _) => new StringValue(Grant(input.ToStringValue())));
        filters.AddFilter("to_json", async (input, arguments, context) => ToJson(await json!(input, arguments, context)));
        filters.AddFilter("words", (input, arguments, _) => new StringValue(Say(input.ToStringValue(), arguments.At(0).ToStringValue())));
        // Liquid's own word for the same.
        foreach (var name in (string[])["skip_autoescape", "raw"])
            filters.AddFilter(name, (input, _, _) => new StringValue(Markup.TextOnly(input.ToStringValue()), encode: false));
    }

    /// <summary>
    /// Of our own texts alone: whatever else a template has in the place of one is kept out of the search for resources, which remembers what it missed. A text has
    /// one place for a value, and is no format, which could ask for any number of characters.
    /// </summary>
    private string Say(string text, string value) => (TaskTemplate.OwnTexts.Contains(text) ? words[text].Value : text).Replace("{0}", IsolatingWords.Isolate(value), StringComparison.Ordinal);

    private string Grant(string imageUrl)
    {
        if (!_granted.TryGetValue(imageUrl, out var address)) _granted[imageUrl] = address = pictures.UrlOf(job, imageUrl);
        return address;
    }

    /// <summary>
    /// The characters that HTML heeds occur in JSON only within texts, where their escapes mean the same: nothing of a
    /// value can end the attribute or element that it stands in.
    /// </summary>
    private static StringValue ToJson(FluidValue json) => new(json.ToStringValue()
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal)
        .Replace("&", "\\u0026", StringComparison.Ordinal).Replace("'", "\\u0027", StringComparison.Ordinal));
}

using BulkQA.Web;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Texts in the language of the page. A value in one that is written in the other direction, such as an English label in an Arabic sentence, is isolated.</summary>
internal sealed class IsolatingWords(IStringLocalizerFactory factory) : IStringLocalizer<Words>
{
    private readonly StringLocalizer<Words> _words = new(factory);

    public LocalizedString this[string name] => _words[name];

    public LocalizedString this[string name, params object[] arguments] => _words[name, [.. arguments.Select(argument => argument is string value ? Isolate(value) : argument)]];

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => _words.GetAllStrings(includeParentCultures);

    /// <summary>A value for a text of the page's language.</summary>
    public static string Isolate(string value) => Directions.Isolate(value, SupportedCultures.Current.Culture.TextInfo.IsRightToLeft);
}

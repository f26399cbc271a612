using System.Globalization;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>What REST says of what pages say in their language: the texts as they stand in the sources.</summary>
internal sealed class EnglishWords : IStringLocalizer<Words>
{
    private EnglishWords()
    {
    }

    public static EnglishWords Instance { get; } = new();

    public LocalizedString this[string name] => new(name, name);

    public LocalizedString this[string name, params object[] arguments] => new(name, string.Format(CultureInfo.InvariantCulture, name, arguments));

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => [];
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>A language that pages are in.</summary>
/// <param name="Code">By ISO 639, such as <c>de</c>.</param>
/// <param name="Name">In that language.</param>
internal sealed record PageLanguage(string Code, string Name)
{
    /// <summary>What HTML calls the way in which it is written: <c>ltr</c> or <c>rtl</c>.</summary>
    public string Direction => CultureInfo.GetCultureInfo(Code).TextInfo.IsRightToLeft ? "rtl" : "ltr";
}

/// <summary>
/// The languages of pages. A further one is a line here and a file of words beside <c>Words.de.resx</c>. English is what stands in the sources, and
/// what stands where a language lacks a text.
/// </summary>
internal static class SupportedCultures
{
    /// <summary>Before the names of texts that scripts say.</summary>
    private const string OfScripts = "js:";

    public static readonly ImmutableArray<PageLanguage> All = [new("en", "English"), new("de", "Deutsch")];

    /// <summary>The language of this request.</summary>
    public static PageLanguage Current => Find(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) ?? All[0];

    public static PageLanguage? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    public static void AddLanguages(this IServiceCollection services)
    {
        services.AddLocalization();
        services.Configure<RequestLocalizationOptions>(options =>
        {
            // Numbers and dates of REST are those of no culture, whatever language a caller reads.
            options.DefaultRequestCulture = new RequestCulture(CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo(All[0].Code));
            options.SupportedCultures = [CultureInfo.InvariantCulture];
            options.SupportedUICultures = [.. All.Select(language => CultureInfo.GetCultureInfo(language.Code))];
            options.RequestCultureProviders = [new OfThePerson(), new AcceptLanguageHeaderRequestCultureProvider()];
        });
    }

    /// <summary>What scripts say in this language, as JSON; null where they say what stands in them.</summary>
    public static string? ScriptWords(IStringLocalizer<Words> words) => Current == All[0] ? null : JsonSerializer.Serialize(
        words.GetAllStrings(includeParentCultures: false).Where(text => text.Name.StartsWith(OfScripts, StringComparison.Ordinal)).ToDictionary(text => text.Name[OfScripts.Length..], text => text.Value));

    /// <summary>What a person has chosen comes before what its browser asks for.</summary>
    private sealed class OfThePerson : RequestCultureProvider
    {
        public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
            Task.FromResult(Find(httpContext.User.FindFirst(PersonPrincipal.LanguageClaim)?.Value) is { } language ? new ProviderCultureResult(language.Code) : null);
    }
}

/// <summary>Names the files of words: what people read on pages, by its English text.</summary>
internal sealed class Words;

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>A language that pages are in.</summary>
/// <param name="Code">By ISO 639, such as <c>de</c>.</param>
/// <param name="Name">In that language.</param>
/// <param name="Variant">By BCP 47, where texts are in one script or of one country of several; browsers choose fonts and voices by it.</param>
internal sealed record PageLanguage(string Code, string Name, string? Variant = null)
{
    /// <summary>What HTML calls it.</summary>
    public string Tag => Variant ?? Code;

    /// <summary>What HTML calls the way in which it is written: <c>ltr</c> or <c>rtl</c>.</summary>
    public string Direction => Culture.TextInfo.IsRightToLeft ? "rtl" : "ltr";

    /// <summary>For dates and numbers: by the Gregorian calendar, and with signs that go with the digits 0 to 9, which stand in all texts.</summary>
    public CultureInfo Culture { get; } = CultureOf(Code);

    private static CultureInfo CultureOf(string code)
    {
        const string SeparatorOfArabicDigits = "\u066B";
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(code).Clone();
        culture.DateTimeFormat.Calendar = new GregorianCalendar();
        if (culture.NumberFormat.NumberDecimalSeparator == SeparatorOfArabicDigits) culture.NumberFormat.NumberDecimalSeparator = ".";
        return CultureInfo.ReadOnly(culture);
    }
}

/// <summary>
/// The languages of pages. A further one is a line here and a file of words beside <c>Words.de.resx</c>. English is what stands in the sources, and
/// what stands where a language lacks a text. A browser that asks for a variant gets the language: <c>zh-TW</c> is <c>zh</c>, in simplified characters.
/// </summary>
internal static class SupportedCultures
{
    /// <summary>Before the names of texts that scripts say.</summary>
    private const string OfScripts = "js:";

    /// <summary>Pages are in UTF-8: escaped, texts in most scripts would be three times as long.</summary>
    private static readonly JsonSerializerOptions _asTheyAre = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static readonly ImmutableArray<PageLanguage> All =
    [
        new("en", "English"), new("de", "Deutsch"), new("es", "Español"), new("fr", "Français"), new("pt", "Português (Brasil)", "pt-BR"), new("ru", "Русский"),
        new("ar", "العربية"), new("ur", "اردو"), new("hi", "हिन्दी"), new("bn", "বাংলা"), new("zh", "中文（简体）", "zh-Hans"),
    ];

    /// <summary>The language of this request.</summary>
    public static PageLanguage Current => Find(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) ?? All[0];

    public static PageLanguage? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    public static void AddLanguages(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddTransient<IStringLocalizer<Words>, IsolatingWords>();
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
        words.GetAllStrings(includeParentCultures: false).Where(text => text.Name.StartsWith(OfScripts, StringComparison.Ordinal)).ToDictionary(text => text.Name[OfScripts.Length..], text => text.Value), _asTheyAre);

    /// <summary>What a person has chosen comes before what its browser asks for.</summary>
    private sealed class OfThePerson : RequestCultureProvider
    {
        public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
            Task.FromResult(Find(httpContext.User.FindFirst(PersonPrincipal.LanguageClaim)?.Value) is { } language ? new ProviderCultureResult(language.Code) : null);
    }
}

/// <summary>Names the files of words: what people read on pages, by its English text.</summary>
internal sealed class Words;

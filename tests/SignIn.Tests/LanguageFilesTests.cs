using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api.Tests;

/// <summary>That each language has all that pages and scripts say, and nothing else. English is what stands in the sources.</summary>
public sealed partial class LanguageFilesTests
{
    /// <summary>What is written alike in English, by language; formats of times are in many.</summary>
    private static readonly Dictionary<string, string[]> _alike = new()
    {
        ["*"] = ["d MMMM, HH:mm", "d MMMM yyyy"],
        ["de"] = ["Passkeys", "Passkey {0}", "Name", "{0} (team {1})"],
        ["fr"] = ["Invitation", "Images", "Sessions", "js:Image"],
        ["pt"] = ["js:enter"],
    };

    private static readonly string _api = Path.Combine(Folder(), "src", "Api");

    public static TheoryData<string> Languages => [.. SupportedCultures.All.Skip(1).Select(language => language.Code)];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Words_OfALanguage_AreAllThatPagesSay(string language)
    {
        var words = Read(language);
        var said = Sources("*.cs", "*.razor", "*.liquid").SelectMany(SaidByPages).Concat(Sources("*.js").SelectMany(SaidByScripts)).Distinct().ToList();
        Assert.True(said.Count > 150, $"only {said.Count} texts were found");
        Assert.Equal([], said.Except(words.Keys).Order(StringComparer.Ordinal));
        // What is said by its variable, such as a problem, stands as a text somewhere all the same.
        var all = string.Concat(Sources("*.cs", "*.razor"));
        Assert.Equal([], words.Keys.Except(said).Where(name => !all.Contains($"\"{name}\"", StringComparison.Ordinal)));
    }

    /// <summary>The same values stand in it, and no text was left empty.</summary>
    [Theory]
    [MemberData(nameof(Languages))]
    public void Words_OfALanguage_HaveTheSameValues(string language) => Assert.All(Read(language), entry =>
    {
        Assert.Equal(Values.Matches(entry.Key).Select(match => match.Value).Order(), Values.Matches(entry.Value).Select(match => match.Value).Order());
        Assert.False(string.IsNullOrWhiteSpace(entry.Value));
    });

    [Theory]
    [MemberData(nameof(Languages))]
    public void Words_OfALanguage_AreNotEnglish(string language) =>
        Assert.Equal([], Read(language).Where(entry => Without(entry.Key) == entry.Value).Select(entry => entry.Key).Except([.. _alike["*"], .. _alike.GetValueOrDefault(language, [])]));

    /// <summary>What a box is called, and what the text above the pictures calls it.</summary>
    [Theory]
    [MemberData(nameof(Languages))]
    public void Words_OfALanguage_CallTheSameBoxTheSame(string language)
    {
        var words = Read(language);
        Assert.Contains(words["Can't tell"], words["Tick Can't tell where you see the picture and don't know. Then submit."], StringComparison.Ordinal);
        Assert.All((string[])["Can't tell", "Confirm"], name => Assert.Equal(words[name], words[$"js:{name}"]));
    }

    /// <summary>Where publishing left a language out, its pages would be in English.</summary>
    [Theory]
    [MemberData(nameof(Languages))]
    public void Words_OfALanguage_AreDelivered(string language) =>
        Assert.Equal([$"BulkQA.Api.Words.{language}.resources"], typeof(SupportedCultures).Assembly.GetSatelliteAssembly(CultureInfo.GetCultureInfo(language)).GetManifestResourceNames());

    [Theory]
    [InlineData("en", "on 3 May at 14:05 UTC", "3 May, 14:05 UTC", "3 May 2026", "12.5")]
    [InlineData("de", "am 3. Mai um 14:05 Uhr (UTC)", "3. Mai, 14:05 UTC", "3. Mai 2026", "12,5")]
    [InlineData("es", "el 3 de mayo a las 14:05 UTC", "3 de mayo, 14:05 UTC", "3 de mayo de 2026", "12,5")]
    [InlineData("fr", "le 3 mai à 14:05 UTC", "3 mai, 14:05 UTC", "3 mai 2026", "12,5")]
    [InlineData("pt", "em 3 de maio às 14:05 UTC", "3 de maio, 14:05 UTC", "3 de maio de 2026", "12,5")]
    [InlineData("ru", "3 мая в 14:05 UTC", "3 мая, 14:05 UTC", "3 мая 2026 г.", "12,5")]
    [InlineData("ar", "يوم 3 مايو الساعة 14:05 (UTC)", "3 مايو، 14:05 UTC", "3 مايو 2026", "12.5")]
    [InlineData("ur", "3 مئی کو 14:05 (UTC)", "3 مئی، 14:05 UTC", "3 مئی 2026", "12.5")]
    [InlineData("hi", "3 मई को 14:05 (UTC)", "3 मई, 14:05 UTC", "3 मई 2026", "12.5")]
    [InlineData("bn", "3 মে 14:05 (UTC)", "3 মে, 14:05 UTC", "3 মে 2026", "12.5")]
    [InlineData("zh", "5月3日 14:05 (UTC)", "5月3日 14:05 UTC", "2026年5月3日", "12.5")]
    public void Times_AreSaidAsTheLanguageDoes(string language, string within, string minute, string day, string number) => In(language, words =>
    {
        var time = new DateTimeOffset(2026, 5, 3, 14, 5, 0, TimeSpan.Zero);
        Assert.Equal((within, minute, day), (Times.On(time, words), Times.Minute(time, words), Times.Day(time, words)));
        Assert.Equal(number, 12.5.ToString("0.0", SupportedCultures.Current.Culture));
    });

    [Theory]
    [InlineData("en", "Dog", "Dog: nothing left")]
    [InlineData("en", "\u0643\u0644\u0628 (1)", "\u2068\u0643\u0644\u0628 (1)\u2069: nothing left")]
    [InlineData("ar", "Dog (1)", "\u2068Dog (1)\u2069: لم يبقَ شيء")]
    [InlineData("ar", "\u0643\u0644\u0628", "\u0643\u0644\u0628: لم يبقَ شيء")]
    [InlineData("ar", "2026-05", "2026-05: لم يبقَ شيء")]
    public void Words_WithAValueOfTheOtherDirection_IsolateIt(string language, string value, string text) =>
        In(language, words => Assert.Equal(text, words["{0}: nothing left", value]));

    [Fact]
    public void Words_AreFoundByTheLanguageOfTheRequest()
    {
        (string, string, string?)[] expected =
        [
            ("de-AT", "Abmelden", "Absenden"), ("en", "Sign out", null), ("sv", "Sign out", null), ("pt-PT", "Sair", "Enviar"), ("zh-TW", "退出登录", "提交"), ("ar-EG", "تسجيل الخروج", "إرسال"),
        ];
        foreach (var (language, text, script) in expected)
            In(language, words =>
            {
                Assert.Equal(text, words["Sign out"]);
                Assert.Equal(script is not null, SupportedCultures.ScriptWords(words) is { } json && System.Text.Json.Nodes.JsonNode.Parse(json)!["Submit"]!.GetValue<string>() == script);
            });
    }

    [Theory]
    [InlineData("en", "ltr")]
    [InlineData("de", "ltr")]
    [InlineData("ar", "rtl")]
    [InlineData("ur", "rtl")]
    [InlineData("hi", "ltr")]
    [InlineData("zh", "ltr")]
    public void Language_IsWrittenInItsDirection(string code, string direction) => Assert.Equal(direction, new PageLanguage(code, "").Direction);

    /// <summary>Looks at what pages say to whoever reads this language.</summary>
    private static void In(string language, Action<IStringLocalizer<Words>> look)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddLanguages();
        using var provider = services.BuildServiceProvider();
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            look(provider.GetRequiredService<IStringLocalizer<Words>>());
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static string Without(string name) => name.StartsWith("js:", StringComparison.Ordinal) ? name[3..] : name;

    private static Dictionary<string, string> Read(string language) => XDocument.Load(Path.Combine(_api, "Languages", $"Words.{language}.resx")).Root!.Elements("data")
        .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    private static IEnumerable<string> Sources(params string[] patterns) => patterns.SelectMany(pattern => Directory.EnumerateFiles(_api, pattern, SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText);

    private static IEnumerable<string> SaidByPages(string source) => InPages.Matches(source).Concat(InTemplates.Matches(source)).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> SaidByScripts(string source) => InScripts.Matches(source).Select(match => "js:" + match.Groups[1].Value.Replace("\\'", "'", StringComparison.Ordinal));

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BulkQA.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("""\b(?:T|words|IStringLocalizer<Words>>\(\))\["([^"]+)["]""")]
    private static partial Regex InPages { get; }

    [GeneratedRegex("""\{\{ "([^"]*)" \| words""")]
    private static partial Regex InTemplates { get; }

    [GeneratedRegex("""\bword\('((?:[^'\\]|\\.)*)'""")]
    private static partial Regex InScripts { get; }

    [GeneratedRegex("""\{\d\}""")]
    private static partial Regex Values { get; }
}

using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api.Tests;

/// <summary>That each language has all that pages and scripts say, and nothing else. English is what stands in the sources.</summary>
public sealed partial class LanguageFilesTests
{
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

    [Fact]
    public void Words_AreFoundByTheLanguageOfTheRequest()
    {
        using var services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
        var words = services.GetRequiredService<IStringLocalizer<Words>>();
        var before = System.Globalization.CultureInfo.CurrentUICulture;
        try
        {
            (string, string, string?)[] expected = [("de-AT", "Abmelden", "Absenden"), ("en", "Sign out", null), ("fr", "Sign out", null)];
            foreach (var (language, text, script) in expected)
            {
                System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.GetCultureInfo(language);
                Assert.Equal(text, words["Sign out"]);
                Assert.Equal(script is not null, SupportedCultures.ScriptWords(words)?.Contains(script!, StringComparison.Ordinal) ?? false);
            }
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData("en", "ltr")]
    [InlineData("de", "ltr")]
    [InlineData("ar", "rtl")]
    [InlineData("ur", "rtl")]
    public void Language_IsWrittenInItsDirection(string code, string direction) => Assert.Equal(direction, new PageLanguage(code, "").Direction);

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

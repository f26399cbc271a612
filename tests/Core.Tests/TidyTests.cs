using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace BulkQA.Core.Tests;

/// <summary>What reviews forget to look for.</summary>
public sealed partial class TidyTests
{
    private static readonly string _root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    [Fact]
    public void Sources_HoldNoLeftoverMarkers()
    {
        var hits = Files("*.cs").Where(path => !path.EndsWith("TidyTests.cs", StringComparison.Ordinal))
            .Where(path => Leftover().IsMatch(File.ReadAllText(path)));
        Assert.Empty(hits);
    }

    [Fact]
    public void Sources_AreOfReadableLength() =>
        Assert.All(Files("*.cs"), path => Assert.True(File.ReadLines(path).Count() <= 400, $"{path} is longer than 400 lines"));

    [Fact]
    public void Documents_LinkToFilesThatExist() => Assert.All(Files("*.md"), path =>
    {
        foreach (var link in Link().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            if (!link.Contains("://", StringComparison.Ordinal))
                Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, link)), $"{path} links to {link}, which is not there");
    });

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(_root, pattern, SearchOption.AllDirectories)
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex("TODO|FIXME|HACK|NotImplementedException")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();
}

using System.Runtime.CompilerServices;

namespace BulkQA.Api.Tests;

/// <summary>Real corpora and templates beside the repository; they are not part of it.</summary>
internal static class SharedData
{
    public static string Corpus(string name) => Find("caltech101-bulkqa", name);

    /// <summary>A worker template in a shape that is published.</summary>
    public static string Template(string name) => Find("templates", name);

    /// <summary>The bluebirds of Welinder, Branson, Belongie and Perona, "The multidimensional wisdom of crowds", NIPS 2010.</summary>
    public static string Bluebirds(string name) => Find("bluebirds", name);

    private static string Find(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "shared", "data", folder, name));
        if (!File.Exists(path)) Assert.Skip($"the shared {folder}/{name} is not here");
        return path;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

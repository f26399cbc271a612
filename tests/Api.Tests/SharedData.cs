using System.Runtime.CompilerServices;

namespace BulkQA.Api.Tests;

/// <summary>Real corpora beside the repository; they are not part of it.</summary>
internal static class SharedData
{
    public static string Corpus(string name)
    {
        var path = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "shared", "data", "caltech101-bulkqa", name));
        if (!File.Exists(path)) Assert.Skip($"the shared corpus {name} is not here");
        return path;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

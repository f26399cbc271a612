namespace BulkQA.Core;

/// <summary>An object's place in a store: <c>s3://{bucket}/{key}</c>.</summary>
public readonly record struct ObjectUri(string Bucket, string Key)
{
    private const string Scheme = "s3://";

    public static bool TryParse(string? text, out ObjectUri uri)
    {
        uri = default;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var slash = text.IndexOf('/', Scheme.Length);
        if (slash <= Scheme.Length) return false;
        uri = new ObjectUri(text[Scheme.Length..slash], text[(slash + 1)..]);
        return true;
    }

    /// <summary>
    /// What keeps a path from being canonical, as the rest of a sentence about it; null where it is. What a file system
    /// would resolve to something else (<c>..</c>, <c>//</c>, a backslash) is not, whether or not a store would take it.
    /// </summary>
    public static string? PathProblem(ReadOnlySpan<char> path)
    {
        if (path.Contains('\\')) return "has a backslash";
        if (path.Contains('\0')) return "has a NUL";
        if (path.IsEmpty) return "is empty";
        foreach (var part in path.Split('/'))
        {
            switch (path[part])
            {
                case "":
                    return path[0] == '/' ? "begins with '/'" : path[^1] == '/' ? "ends with '/'" : "has '//'";
                case "." or "..":
                    return $"has a part '{path[part]}'";
            }
        }
        return null;
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}

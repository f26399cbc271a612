using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Corpora;

/// <summary>
/// Where the pictures of a job lie: what the paths of a corpus are appended to, and the only place that pictures are read from.
/// </summary>
/// <param name="value">Such as <c>s3://bucket/folder/</c>, with the slash at the end.</param>
public sealed class ImageBase(string value)
{
    private readonly bool _canonical = ObjectUri.TryParse(value, out var uri)
        && ObjectUri.PathProblem(uri.Bucket) is null && (uri.Key.Length == 0 || ObjectUri.PathProblem(uri.Key.AsSpan()[..^1]) is null);

    /// <summary>Whether pictures of that URL are read: it lies below, by a path that every store resolves alike.</summary>
    public bool Holds(ImageUrl url) =>
        _canonical && url.Value.StartsWith(value, StringComparison.Ordinal) && ObjectUri.PathProblem(url.Value.AsSpan(value.Length)) is null;

    /// <summary>The URL of an image that a corpus names by a path below the base, or by the URL itself; empty for an empty text.</summary>
    /// <param name="image">What the corpus has.</param>
    /// <param name="url">Null where the path leads nowhere.</param>
    /// <param name="problem">Why, for a person.</param>
    internal bool TryResolve(string image, [NotNullWhen(true)] out string? url, [NotNullWhen(false)] out string? problem)
    {
        (url, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(image)) url = "";
        else if (ImageUrl.HasScheme(image)) url = image;
        else if (ObjectUri.PathProblem(image) is not { } reason) url = value + image;
        else problem = $"the path '{Text.Excerpt(image)}' {reason}; write it as folder/file, below the job's imageBase {value}";
        return url is not null;
    }

    public override string ToString() => value;
}

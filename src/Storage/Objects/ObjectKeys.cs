using BulkQA.Core;

namespace BulkQA.Storage;

internal static class ObjectKeys
{
    /// <summary>
    /// The bucket and the parts of the key. Anything that a path would resolve to something else (<c>..</c>, <c>//</c>,
    /// a backslash) is refused, in every store alike.
    /// </summary>
    /// <exception cref="BadInputException">The key is not canonical.</exception>
    public static string[] Parts(ObjectUri uri) =>
        ObjectUri.PathProblem(uri.Bucket) is null && ObjectUri.PathProblem(uri.Key) is null
            ? [uri.Bucket, .. uri.Key.Split('/')]
            : throw new BadInputException($"'{uri}' is not the canonical path of an object");
}

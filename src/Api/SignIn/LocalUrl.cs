namespace BulkQA.Api;

/// <summary>Where to go on after signing in: to a page of this service, and nowhere else.</summary>
internal static class LocalUrl
{
    private const int MaxLength = 2048;

    /// <summary>
    /// Whether browsers take the text for a path of the site that they are on. <c>//host</c> and <c>/\host</c> are other
    /// sites, and control characters are left out of addresses before they are looked at.
    /// </summary>
    public static bool IsLocal(string url) =>
        url.Length is > 0 and <= MaxLength && url[0] == '/'
        && (url.Length == 1 || url[1] is not ('/' or '\\'))
        && !url.Any(character => char.IsControl(character));
}

using System.Text.RegularExpressions;

namespace BulkQA.Corpora;

/// <summary>
/// The web addresses of objects in S3, which are many for one object: <c>https://{bucket}.s3.{region}.amazonaws.com/{key}</c>,
/// <c>https://s3.{region}.amazonaws.com/{bucket}/{key}</c>, their older and dual-stack spellings, signed ones.
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
/// </summary>
public static partial class S3Address
{
    /// <summary>The <c>s3://</c> form of such an address; any other text as it is, and one of the hosts too, where browsers read pictures.</summary>
    public static string Normalize(string url, PictureHosts hosts) => hosts.Holds(url) ? url : Normalize(url);

    /// <summary>As above, for a URL of whichever job.</summary>
    public static string Normalize(string url)
    {
        if (!url.StartsWith("http", StringComparison.OrdinalIgnoreCase) || Pattern().Match(url) is not { Success: true } match) return url;
        if (match.Groups["query"] is { Length: > 0 } query && !Signature().IsMatch(query.ValueSpan)) return url;
        var path = match.Groups["path"].Value;
        if (match.Groups["bucket"] is { Success: true } bucket) return path.Length > 0 ? $"s3://{bucket.Value.ToLowerInvariant()}/{Decode(path)}" : url;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < path.Length - 1 ? $"s3://{path[..slash]}/{Decode(path[(slash + 1)..])}" : url;
    }

    /// <summary>S3 takes a plus in a path for a space, and its console writes it so.</summary>
    private static string Decode(string path) => Uri.UnescapeDataString(path.Replace('+', ' '));

    [GeneratedRegex(@"^https?://(?:(?<bucket>[a-z0-9][a-z0-9.\-]*)\.)?s3(?:\.dualstack)?(?:[.\-][a-z0-9\-]+)?\.amazonaws\.com(?:\.cn)?/(?<path>[^?#]*)(?:\?(?<query>[^#]*))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^(?:(?:X-Amz-[^=&]*|AWSAccessKeyId|Signature|Expires)(?:=[^&]*)?(?:&|$))+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Signature();
}

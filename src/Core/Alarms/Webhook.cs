using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// A URL that a job's alarms are posted to: <c>https</c> on its default port, or this machine's own by either scheme and any port. Whether a deployment
/// calls it is for its list of hosts to say.
/// </summary>
public sealed record Webhook
{
    public const int MaxLength = 1_000;

    private readonly Uri _uri;

    private Webhook(Uri uri) => _uri = uri;

    /// <summary>As it is called.</summary>
    public string Url => _uri.AbsoluteUri;

    /// <summary>In the form that DNS knows, lower case.</summary>
    public string Host => _uri.IdnHost.ToLowerInvariant();

    /// <summary>Whether it is of the machine that calls it, by its name.</summary>
    public bool IsLoopback => _uri.IsLoopback;

    /// <summary>Without path and query, in which many services put a secret.</summary>
    public string Shown => _uri.PathAndQuery == "/" ? Url : $"{_uri.GetLeftPart(UriPartial.Authority)}/…";

    /// <param name="text">The URL.</param>
    /// <param name="webhook">Null where it can't be used.</param>
    /// <param name="problem">Why, for a person. It does not repeat the URL, which may hold a secret.</param>
    public static bool TryCreate(string? text, [NotNullWhen(true)] out Webhook? webhook, [NotNullWhen(false)] out string? problem)
    {
        webhook = null;
        problem = ProblemOf(text, out var uri);
        if (problem is null) webhook = new Webhook(uri!);
        return problem is null;
    }

    public override string ToString() => Shown;

    private static string? ProblemOf(string? text, out Uri? uri)
    {
        uri = null;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return $"it is not a URL of 1 to {MaxLength} characters";
        // What readers of URLs disagree about; a name of other letters is given as DNS knows it.
        if (text.Any(c => c is <= ' ' or > '~' or '\\')) return "it has blanks, backslashes or characters beyond ASCII; a URL has these percent-encoded, and the host as DNS knows it";
        if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            return "it is not an https:// URL such as https://hooks.example.org/bulkqa";
        if (uri.UserInfo.Length > 0) return "it has a user name or password, which would be shown wherever the URL is; let the receiver check the signature instead";
        if (uri.Fragment.Length > 0) return "it has a fragment (#…), which is never sent";
        return uri.IsDefaultPort || uri.IsLoopback ? null : $"port {uri.Port} is not the one of https, 443";
    }
}

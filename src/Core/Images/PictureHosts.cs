using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// The hosts that a job's <c>https://</c> pictures may come from. Browsers fetch them there by themselves, BulkQA never
/// does. Host names in lower case, in the form that DNS knows (punycode), sorted, each once; at most <see cref="Max"/>.
/// </summary>
public sealed class PictureHosts : IEquatable<PictureHosts>
{
    public const int Max = 20;
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    public static readonly PictureHosts None = new([]);

    private readonly ImmutableArray<string> _hosts;

    private PictureHosts(ImmutableArray<string> hosts) => _hosts = hosts;

    public ImmutableArray<string> Values => _hosts;

    /// <summary>What a browser's content security policy calls each of them: <c>https://{host}</c>, on the default port only.</summary>
    public IEnumerable<string> Origins => _hosts.Select(host => $"https://{host}");

    /// <param name="names">Such as <c>pictures.example.org</c>: a whole name, without scheme, port, path and <c>*</c>.</param>
    /// <param name="hosts">Null where a name can't be used.</param>
    /// <param name="problem">Which and why, for a person.</param>
    public static bool TryCreate(IEnumerable<string?> names, [NotNullWhen(true)] out PictureHosts? hosts, [NotNullWhen(false)] out string? problem)
    {
        hosts = null;
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (Canonical(name) is not { } host)
            {
                problem = $"'{name}' is not the name of a host such as pictures.example.org, without https://, port, path, address and *";
                return false;
            }
            found.Add(host);
        }
        problem = found.Count > Max ? $"{found.Count} hosts, {Max} is the most" : null;
        if (problem is null) hosts = found.Count == 0 ? None : new PictureHosts([.. found]);
        return problem is null;
    }

    /// <summary>What <see cref="ToString"/> gave.</summary>
    public static PictureHosts Parse(string? text) =>
        string.IsNullOrEmpty(text) ? None : new PictureHosts([.. text.Split(' ')]);

    /// <summary>
    /// Whether a browser may be sent to that URL for a picture: <c>https</c>, one of the hosts, its default port, no user
    /// name. The URL is compared as browsers read it, not as it is spelt.
    /// </summary>
    public bool Holds(string imageUrl) =>
        !_hosts.IsEmpty
        && imageUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        // Browsers take a backslash for a slash, and .NET does too, but not everywhere: no doubt is worth it.
        && !imageUrl.Contains('\\')
        && Uri.TryCreate(imageUrl, UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttps && uri.IsDefaultPort && uri.UserInfo.Length == 0
        && _hosts.Contains(uri.IdnHost.ToLowerInvariant(), StringComparer.Ordinal);

    public bool Equals(PictureHosts? other) => other is not null && _hosts.SequenceEqual(other._hosts, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as PictureHosts);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The names, separated by blanks.</summary>
    public override string ToString() => string.Join(' ', _hosts);

    private static string? Canonical(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxNameLength) return null;
        try
        {
            var host = new IdnMapping { UseStd3AsciiRules = true }.GetAscii(name).ToLowerInvariant();
            var labels = host.Split('.');
            // An address of four numbers is no name, and a name without a dot is one of somebody's own network.
            return host.Length <= MaxNameLength && labels.Length >= 2 && !labels[^1].All(char.IsAsciiDigit) && labels.All(IsLabel) ? host : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}

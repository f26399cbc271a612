using System.Net;
using BulkQA.Silo;

namespace BulkQA.Api;

/// <summary>
/// Where the service listens. Without authentication that is this machine only; anything else ends the start.
/// </summary>
internal static class ListeningAddresses
{
    public static bool AreConfigured(IConfiguration configuration) => Configured(configuration).Any();

    /// <exception cref="StartRefusedException">An address would be reachable from other machines, and nobody would have to say who they are.</exception>
    public static void RefuseBeyondLoopback(IConfiguration configuration)
    {
        if (AccessRegistration.IsEnabled(configuration)) return;
        var open = Configured(configuration).Where(address => !IsLoopback(address)).ToList();
        if (open.Count > 0)
            throw new StartRefusedException(
                $"Refusing to listen on {string.Join(", ", open)}: no authentication is configured, and without it only this machine may connect. "
                + $"Configure {AccessOptions.Section}:Keys or :Issuer, or listen on a loopback address such as http://localhost:5080.");
    }

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static IEnumerable<string> Configured(IConfiguration configuration)
    {
        foreach (var url in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            yield return url;
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            if (endpoint["Url"] is { } url) yield return url;
        // These two bind every address of the machine.
        foreach (var key in (string[])["http_ports", "https_ports"])
            foreach (var port in (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                yield return $"http://*:{port}";
    }

    private static bool IsLoopback(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? url : url[(scheme + 3)..];
        var host = rest.Split('/')[0];
        if (host.StartsWith("unix:", StringComparison.Ordinal)) return true;
        var colon = host.LastIndexOf(':');
        return IsLoopbackHost(colon > host.LastIndexOf(']') ? host[..colon] : host);
    }
}

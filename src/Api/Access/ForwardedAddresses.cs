using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace BulkQA.Api;

/// <summary>
/// Whom a request comes from where a load balancer passed it on. Proxies that the settings name are believed, and nobody
/// else: of the addresses in <c>X-Forwarded-For</c> the last one counts that no such proxy has, whatever the caller put
/// before it.
/// </summary>
internal sealed class ForwardedAddresses(IOptions<AccessOptions> access, IConfiguration configuration) : IPostConfigureOptions<ForwardedHeadersOptions>
{
    /// <summary>After all other configuration, ASP.NET Core's own switch <c>ForwardedHeaders_Enabled</c> included, which believes everybody.</summary>
    public void PostConfigure(string? name, ForwardedHeadersOptions options)
    {
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in access.Value.TrustedProxies)
            if (TryParse(proxy, out var network)) options.KnownIPNetworks.Add(network);
        // Without a known proxy the middleware would believe everybody, too. And without authentication the connection is
        // all that there is to judge by.
        options.ForwardedHeaders = options.KnownIPNetworks.Count > 0 && AccessRegistration.IsEnabled(configuration)
            ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
        options.ForwardLimit = null;
    }

    /// <summary>An address, or a network as <c>10.0.0.0/24</c>.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (!IPAddress.TryParse(text, out var address)) return IPNetwork.TryParse(text, out network);
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}

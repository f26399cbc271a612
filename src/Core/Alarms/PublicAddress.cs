using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace BulkQA.Core;

/// <summary>Which addresses are of the public internet, and not of somebody's own network, this machine or a cloud's metadata.</summary>
/// <remarks>By IANA's registries of special-purpose addresses (RFC 6890): what is not globally reachable there, and what stands for an IPv4 address (NAT64, 6to4, Teredo).</remarks>
public static class PublicAddress
{
    private static readonly ImmutableArray<IPNetwork> _special =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]).Select(IPNetwork.Parse),
    ];

    /// <summary>The only part of IPv6 that is given out for global unicast.</summary>
    private static readonly IPNetwork _globalUnicast = IPNetwork.Parse("2000::/3");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return (address.AddressFamily == AddressFamily.InterNetwork || _globalUnicast.Contains(address)) && !_special.Any(network => network.Contains(address));
    }
}

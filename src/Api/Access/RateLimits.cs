using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// How often each caller may call: by who it is; by its address where that isn't known, so that guessing keys is slow and
/// keeps nobody else out. Callers at rest are forgotten by the limiter within seconds, and strangers share a fixed number
/// of places, so that what is held is bounded by the callers that are known, whatever addresses a flood comes from.
/// </summary>
internal sealed class RateLimits(IOptions<AccessOptions> access) : IConfigureOptions<RateLimiterOptions>
{
    /// <summary>Many enough that two strangers hardly meet; a place costs a few hundred bytes.</summary>
    private const int StrangersPlaces = 16_384;

    /// <summary>The part of an IPv6 address that one customer of a network has.</summary>
    private const int Ipv6NetworkBytes = 8;

    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    public void Configure(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Limited>(LimitOf);
        options.OnRejected = RefuseAsync;
    }

    private RateLimitPartition<Limited> LimitOf(HttpContext context) => RateLimitPartition.GetTokenBucketLimiter(Limited.Of(context), _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = access.Value.RequestsPerSecond,
        TokensPerPeriod = access.Value.RequestsPerSecond,
        ReplenishmentPeriod = _period,
        QueueLimit = 0,
    });

    private async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellation)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : _period;
        var context = rejected.HttpContext;
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var rate = access.Value.RequestsPerSecond;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            context, Problem.TooMany($"A caller may make {rate} request{(rate == 1 ? "" : "s")} a second; nothing was done, send it again later."));
    }

    /// <summary>Hashed by a secret of this process, so that nobody can choose whom to share a place with.</summary>
    public static int PlaceOf(IPAddress? address)
    {
        if (address is null) return -1;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var hash = new HashCode();
        hash.AddBytes(address.AddressFamily == AddressFamily.InterNetworkV6 ? address.GetAddressBytes().AsSpan(0, Ipv6NetworkBytes) : address.GetAddressBytes());
        return (int)((uint)hash.ToHashCode() % StrangersPlaces);
    }

    /// <summary>Who shares a rate: a known caller by scheme and name (a key may be named like a token's subject), strangers by place.</summary>
    private readonly record struct Limited(string? Scheme, string? Name, int Place)
    {
        public static Limited Of(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { } name, AuthenticationType: var scheme }
            ? new Limited(scheme, name, 0)
            : new Limited(null, null, PlaceOf(context.Connection.RemoteIpAddress));
    }
}

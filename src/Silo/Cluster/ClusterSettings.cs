using System.Net;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>
/// What silos and their clients agree on. Bound from <c>BulkQA:Cluster</c>. The silos' ports speak Orleans' own protocol
/// without authentication: security groups must keep everyone but silos from <see cref="SiloPort"/> and everyone but
/// silos and API from <see cref="GatewayPort"/>.
/// </summary>
public sealed class ClusterSettings
{
    public const string Section = "BulkQA:Cluster";

    /// <summary>Where silos find each other: a StackExchange.Redis connection string. Required.</summary>
    public string Redis { get; set; } = "";

    /// <summary>What Redis is authenticated with, where it comes from a secret store of its own. None: as <see cref="Redis"/> says.</summary>
    public string? RedisPassword { get; set; }

    /// <summary>Which silos form a cluster. Default <c>bulkqa</c>.</summary>
    public string ClusterId { get; set; } = "bulkqa";

    /// <summary>Part of every grain state's key: never change it while data is kept. Default <c>bulkqa</c>.</summary>
    public string ServiceId { get; set; } = "bulkqa";

    /// <summary>Silo to silo. Default 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>API to silo. Default 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// How long a silo waits for another's sign of life; three that fail in a row make it vote that the other is dead, and
    /// two votes decide. Shorter finds dead silos sooner, and takes busy ones for dead. From 0.5 to 60 seconds; default 5.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The address other machines reach this silo at. None (the default): what ECS says of the task, which is required
    /// then (<c>ECS_CONTAINER_METADATA_URI_V4</c>).
    /// </summary>
    public string? AdvertisedAddress { get; set; }
}

internal sealed class ClusterSettingsValidator : IValidateOptions<ClusterSettings>
{
    public ValidateOptionsResult Validate(string? name, ClusterSettings options)
    {
        var check = new SettingsCheck(ClusterSettings.Section);
        check.Require(options.Redis.Length > 0, "Redis is empty; give the connection string of the Redis that silos find each other by");
        check.Require(options.ClusterId.Length > 0, "ClusterId is empty");
        check.Require(options.ServiceId.Length > 0, "ServiceId is empty");
        check.Require(options.SiloPort is > 0 and <= IPEndPoint.MaxPort, $"SiloPort is {options.SiloPort}; give a port");
        check.Require(options.GatewayPort is > 0 and <= IPEndPoint.MaxPort, $"GatewayPort is {options.GatewayPort}; give a port");
        check.Require(options.SiloPort != options.GatewayPort, $"SiloPort and GatewayPort are both {options.SiloPort}");
        check.Require(options.ProbeTimeout.TotalSeconds is >= 0.5 and <= 60, $"ProbeTimeout is {options.ProbeTimeout}; give 0.5 to 60 seconds");
        check.Require(
            options.AdvertisedAddress is null || IPAddress.TryParse(options.AdvertisedAddress, out _),
            $"AdvertisedAddress '{options.AdvertisedAddress}' is not an IP address");
        return check.Result;
    }
}

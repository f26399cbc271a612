using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Silo;

/// <summary>Whether this silo is one of the cluster, as it knows itself: a silo that joins, leaves or was declared dead is not.</summary>
internal sealed class MembershipHealthCheck(ISiloStatusOracle silos) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        silos.CurrentStatus == SiloStatus.Active ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"this silo is {silos.CurrentStatus}, not {SiloStatus.Active}"));
}

/// <summary>Whether this client is connected to at least one silo; which of them is slow is not its business.</summary>
internal sealed class GatewayHealthCheck : IHealthCheck, IClusterConnectionStatusObserver
{
    private int _connections;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        Volatile.Read(ref _connections) > 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("no silo is connected"));

    /// <summary>By differences, because connections come and go at the same time and are told of in any order.</summary>
    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) =>
        Interlocked.Add(ref _connections, currentNumberOfGateways - previousNumberOfGateways);

    public void NotifyClusterConnectionLost()
    {
    }
}

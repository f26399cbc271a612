using BulkQA.Grains;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Silo;

/// <summary>Ready means: a grain answers, and what it answers came from the store.</summary>
public sealed class StorageHealthCheck(IGrainFactory grains) : IHealthCheck
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 1).WaitAsync(_limit, cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

using BulkQA.Grains;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Api;

/// <summary>Ready means: a grain answers, and what it answers came from the store.</summary>
internal sealed class StorageHealthCheck(IGrainFactory grains) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 1);
        return HealthCheckResult.Healthy();
    }
}

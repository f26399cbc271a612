using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Silo;

/// <summary>
/// Whether the process is ready, as a metric: <c>bulkqa.ready</c> is 1 where it is, as well where something is degraded, and 0 where it is not. Load balancers
/// ask whether it lives: an incident of the store or of all silos is told by an alarm, and is no reason to replace each process.
/// </summary>
public sealed class ReadinessMetrics : IHealthCheckPublisher
{
    public const string MeterName = "BulkQA.Hosting";

    private int _isReady;

    public ReadinessMetrics(IMeterFactory meters) =>
        meters.Create(MeterName).CreateObservableGauge("bulkqa.ready", () => _isReady, description: "1 where the process can do its work, 0 where it can't");

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _isReady = report.Status == HealthStatus.Unhealthy ? 0 : 1;
        return Task.CompletedTask;
    }
}

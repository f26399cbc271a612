using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What is counted of alarms, under the meter of the grains. Without tags, so that an alarm of a monitoring system takes each as it is.</summary>
public sealed class AlarmsMetrics
{
    /// <summary>By life of a job: alarms that stand, of those whose grain is on this silo.</summary>
    private readonly ConcurrentDictionary<string, int> _standing = new(StringComparer.Ordinal);

    public AlarmsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GrainsMetrics.MeterName);
        Raised = meter.CreateCounter<long>("bulkqa.alarms.raised", "{alarm}", "Classes that fell below their job's alarm");
        Ended = meter.CreateCounter<long>("bulkqa.alarms.ended", "{alarm}", "Alarms that ended, by recovery or because the job's was changed");
        Delivered = meter.CreateCounter<long>("bulkqa.alarms.webhook.delivered", "{event}", "Beginnings and ends that a webhook took");
        Failed = meter.CreateCounter<long>("bulkqa.alarms.webhook.failed", "{event}", "Tries of telling a webhook that failed; they are repeated");
        GivenUp = meter.CreateCounter<long>("bulkqa.alarms.webhook.givenup", "{event}", "Beginnings and ends that no webhook was told of");
        Unread = meter.CreateCounter<long>("bulkqa.alarms.unread", "{class}", "Classes that a look could not read; they are tried again");
        meter.CreateObservableGauge("bulkqa.alarms.standing", () => _standing.Values.Sum(), "{alarm}", "Alarms that stand, of the jobs that this silo watches");
    }

    internal Counter<long> Raised { get; }

    internal Counter<long> Ended { get; }

    internal Counter<long> Delivered { get; }

    internal Counter<long> Failed { get; }

    internal Counter<long> GivenUp { get; }

    internal Counter<long> Unread { get; }

    internal void Stand(Incarnation incarnation, int alarms)
    {
        if (alarms == 0) _standing.TryRemove(incarnation.Value, out _);
        else _standing[incarnation.Value] = alarms;
    }
}

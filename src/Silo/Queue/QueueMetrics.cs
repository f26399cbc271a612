using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BulkQA.Silo;

/// <summary>What the queue's consumer counts and traces, under <see cref="Name"/>.</summary>
public sealed class QueueMetrics
{
    public const string Name = "BulkQA.Queue";

    public static readonly ActivitySource Traces = new(Name);

    private readonly Meter _meter;

    public QueueMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        Received = _meter.CreateCounter<long>("bulkqa.queue.received", "{message}", "Messages received");
        Redelivered = _meter.CreateCounter<long>("bulkqa.queue.redelivered", "{message}", "Messages received that had been received before");
        Deleted = _meter.CreateCounter<long>("bulkqa.queue.deleted", "{message}", "Messages deleted, all their votes durable or dead-lettered");
        DeadLettered = _meter.CreateCounter<long>("bulkqa.queue.deadlettered", "{message}", "Messages sent to the dead-letter queue");
        Postponed = _meter.CreateCounter<long>("bulkqa.queue.postponed", "{message}", "Messages left to a later try after a failure that passes");
        Lag = _meter.CreateHistogram<double>("bulkqa.queue.lag", "s", "From a message's being sent to its votes' being durable");
    }

    public Counter<long> Received { get; }

    public Counter<long> Redelivered { get; }

    public Counter<long> Deleted { get; }

    public Counter<long> DeadLettered { get; }

    public Counter<long> Postponed { get; }

    public Histogram<double> Lag { get; }

    internal void Observe(InFlightLimit inFlight)
    {
        _meter.CreateObservableGauge("bulkqa.queue.images", () => inFlight.InFlight, "{image}", "Images whose answers are being taken in");
        _meter.CreateObservableGauge("bulkqa.queue.limit", () => inFlight.Limit, "{image}", "Images whose answers may be taken in at a time");
    }
}

using System.Diagnostics.Metrics;

namespace BulkQA.Storage;

/// <summary>What the stores count, under the meter <see cref="MeterName"/>.</summary>
public sealed class StorageMetrics
{
    public const string MeterName = "BulkQA.Storage";

    public StorageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        WriteUnits = meter.CreateCounter<double>("bulkqa.dynamo.write.units", "{unit}", "Write units that DynamoDB charged");
        Throttles = meter.CreateCounter<long>("bulkqa.dynamo.throttles", "{call}", "Attempts that DynamoDB refused for want of capacity");
        Failures = meter.CreateCounter<long>("bulkqa.dynamo.failures", "{call}", "Attempts that failed on DynamoDB's side or on the way");
    }

    public Counter<double> WriteUnits { get; }

    public Counter<long> Throttles { get; }

    public Counter<long> Failures { get; }
}

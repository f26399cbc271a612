using System.Diagnostics.Metrics;

namespace BulkQA.Grains;

/// <summary>What the grains count, under the meter <see cref="MeterName"/>.</summary>
public sealed class GrainsMetrics
{
    public const string MeterName = "BulkQA.Grains";

    public GrainsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Answers = meter.CreateCounter<long>("bulkqa.answers", "{answer}", "Answers taken in, seen before or not");
        Duplicates = meter.CreateCounter<long>("bulkqa.answers.duplicates", "{answer}", "Answers that were there before");
        Rejected = meter.CreateCounter<long>("bulkqa.answers.rejected", "{answer}", "Answers refused with a reason");
        FactWrites = meter.CreateCounter<long>("bulkqa.fact.writes", "{fact}", "Submissions stored");
        Imported = meter.CreateCounter<long>("bulkqa.images.imported", "{image}", "Images imported");
        Rebuilds = meter.CreateHistogram<double>("bulkqa.partition.rebuild", "s", "How long a partition took to fold its facts");
        Handovers = meter.CreateCounter<long>("bulkqa.partition.handovers", "{partition}", "Partitions that went on with the view of a silo that ended");
        AuditDifferences = meter.CreateCounter<long>("bulkqa.audit.differences", "{image}", "Differences that audits found and repaired");
        Decisions = meter.CreateCounter<long>("bulkqa.decisions", "{decision}", "Classes or buckets decided under a target, by outcome: pass, fail or void");
    }

    public Counter<long> Answers { get; }

    public Counter<long> Duplicates { get; }

    public Counter<long> Rejected { get; }

    public Counter<long> FactWrites { get; }

    public Counter<long> Imported { get; }

    public Histogram<double> Rebuilds { get; }

    public Counter<long> Handovers { get; }

    public Counter<long> AuditDifferences { get; }

    /// <summary>By the tag <c>outcome</c>.</summary>
    public Counter<long> Decisions { get; }
}

using System.Diagnostics.Metrics;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>What the grains count, under the meter <see cref="MeterName"/>.</summary>
public sealed class GrainsMetrics
{
    public const string MeterName = "BulkQA.Grains";

    public GrainsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Votes = meter.CreateCounter<long>("bulkqa.votes", "{vote}", "Votes taken in, seen before or not");
        Duplicates = meter.CreateCounter<long>("bulkqa.votes.duplicates", "{vote}", "Votes that were there before, or older than what was");
        Rejected = meter.CreateCounter<long>("bulkqa.votes.rejected", "{vote}", "Votes refused with a reason");
        RowWrites = meter.CreateCounter<long>("bulkqa.row.writes", "{row}", "Image rows written for votes");
        VerdictTransitions = meter.CreateCounter<long>("bulkqa.verdict.transitions", "{image}", "Images whose verdict changed");
        Imported = meter.CreateCounter<long>("bulkqa.images.imported", "{image}", "Images imported");
        Rebuilds = meter.CreateHistogram<double>("bulkqa.partition.rebuild", "s", "How long a partition took to rebuild from rows");
        Handovers = meter.CreateCounter<long>("bulkqa.partition.handovers", "{partition}", "Partitions that went on with the view of a silo that ended");
        AuditDifferences = meter.CreateCounter<long>("bulkqa.audit.differences", "{image}", "Differences that audits found and repaired");
    }

    public Counter<long> Votes { get; }

    public Counter<long> Duplicates { get; }

    public Counter<long> Rejected { get; }

    private Counter<long> RowWrites { get; }

    private Counter<long> VerdictTransitions { get; }

    public Counter<long> Imported { get; }

    public Histogram<double> Rebuilds { get; }

    public Counter<long> Handovers { get; }

    public Counter<long> AuditDifferences { get; }

    /// <summary>Counts a row that was written for votes.</summary>
    internal void Written(LabelRow before, LabelRow now)
    {
        RowWrites.Add(1);
        if (now.Verdict != before.Verdict) VerdictTransitions.Add(1);
    }
}

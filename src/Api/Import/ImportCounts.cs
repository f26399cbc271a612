using BulkQA.Core;
using BulkQA.Corpora;

namespace BulkQA.Api;

/// <summary>Counts what becomes of the records of one import. For one thread at a time.</summary>
internal sealed class ImportCounts(JobSettings settings)
{
    private readonly List<RejectedLine> _rejected = [];
    private readonly ImportWarnings _warnings = new(settings);
    private long _rejectedCount;
    private long _belowMinConfidence;

    public long Accepted { get; set; }

    public long Duplicates { get; set; }

    /// <summary>Of those accepted.</summary>
    public long Gold { get; set; }

    public void Reject(long line, string reason)
    {
        _rejectedCount++;
        if (_rejected.Count < ImportSummary.MaxListed) _rejected.Add(new RejectedLine(line, reason));
    }

    /// <summary>Whether a record becomes an image; counts it where it doesn't. Gold always does, whatever its confidence.</summary>
    public bool Takes(CorpusItem item, long line)
    {
        _warnings.Look(item, line);
        if (item.Gold is not null || !(item.Confidence < settings.MinConfidence)) return true;
        _belowMinConfidence++;
        return false;
    }

    public ImportSummary ToSummary(ICorpusFormat format, CorpusReading reading, IReadOnlyList<PreviewItem>? preview)
    {
        _rejected.Sort((left, right) => left.Line.CompareTo(right.Line));
        return new ImportSummary(
            Accepted, Duplicates, _belowMinConfidence, _rejectedCount, _rejected, _warnings.ToList(reading), CorpusRead.Of(format, reading), preview, Gold);
    }
}

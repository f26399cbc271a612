using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>What became of a corpus, line by line.</summary>
/// <param name="Duplicates">Lines whose image was there with the same confidence, in whatever precision.</param>
/// <param name="Rejected">The first 1,000 of them.</param>
/// <param name="Warnings">What was taken, and is perhaps not what was meant.</param>
public sealed record ImportSummary(
    long Accepted, long Duplicates, long BelowMinConfidence, long RejectedCount, IReadOnlyList<RejectedLine> Rejected,
    IReadOnlyList<ImportWarning> Warnings)
{
    public const int MaxListed = 1_000;
}

public sealed record RejectedLine(long Line, string Reason);

/// <summary>The job was deleted while it was being written to.</summary>
internal sealed class JobGoneException(JobName job) : Exception($"Job '{job}' was deleted meanwhile.")
{
    public JobName Job { get; } = job;
}

/// <summary>
/// Streams corpora into jobs. Lines gather by class until they fill some batches and then go to their partition in one
/// call. Memory is bounded by <see cref="MaxPending"/> lines, whatever the corpus' size.
/// </summary>
internal sealed class CorpusImporter(IGrainFactory grains, ClassRouter router, TimeProvider time)
{
    private const int MaxPending = 50_000;
    private const int BatchesPerChunk = 10;

    /// <summary>Times that lines are sent to their partition before the import is given up.</summary>
    private const int MaxAttempts = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="JobGoneException">The job was deleted meanwhile.</exception>
    /// <exception cref="BadInputException">The corpus can't be read at all; nothing of it is stored.</exception>
    public async Task<ImportSummary> ImportAsync(JobInfo job, Stream corpus, CorpusFormat format, CancellationToken cancellation)
    {
        var import = new Import(job, grains.GetJob(job), router, time, cancellation);
        await foreach (var line in CorpusReader.ReadAsync(corpus, format, job.Settings.ImageBase, cancellation))
        {
            if (line.Item is { } item) await import.TakeAsync(item, line.Number);
            else import.Reject(line.Number, line.Problem!);
        }
        return await import.FinishAsync();
    }

    private sealed class Import(JobInfo job, IJobGrain jobGrain, ClassRouter router, TimeProvider time, CancellationToken cancellation)
    {
        private readonly Dictionary<Label, PendingClass> _pending = [];
        private readonly HashSet<Label> _known = [];
        private readonly HashSet<Label> _refused = [];
        private readonly List<RejectedLine> _rejected = [];
        private readonly ImportWarnings _warnings = new(job.Settings.ImageBase);
        private readonly TaskNumbers _numbers = new(job.Name, job.Incarnation, jobGrain);
        private int _pendingLines;
        private long _accepted;
        private long _duplicates;
        private long _rejectedCount;
        private long _belowMinConfidence;

        public void Reject(long line, string reason)
        {
            _rejectedCount++;
            if (_rejected.Count < ImportSummary.MaxListed) _rejected.Add(new RejectedLine(line, reason));
        }

        public Task TakeAsync(CorpusItem item, long line)
        {
            _warnings.Look(item, line);
            if (!(item.Confidence < job.Settings.MinConfidence)) return AddAsync(item, line);
            _belowMinConfidence++;
            return Task.CompletedTask;
        }

        public async Task<ImportSummary> FinishAsync()
        {
            foreach (var (label, pending) in _pending) await SendAsync(label, pending, cutRemainder: true);
            await _numbers.ReleaseAsync();
            // A job deleted under an import that stores nothing would otherwise go unnoticed.
            if (await jobGrain.GetAsync(job.Incarnation) is null) throw new JobGoneException(job.Name);
            _rejected.Sort((left, right) => left.Line.CompareTo(right.Line));
            return new ImportSummary(_accepted, _duplicates, _belowMinConfidence, _rejectedCount, _rejected, _warnings.ToList());
        }

        private async Task AddAsync(CorpusItem item, long line)
        {
            if (!_pending.TryGetValue(item.Label, out var pending)) _pending[item.Label] = pending = new PendingClass();
            pending.Lines.Add(new PendingLine(new ImportLine(item.Url, item.Confidence, item.Anonymous), line));
            _pendingLines++;
            if (pending.Lines.Count >= BatchesPerChunk * job.Settings.BatchSize * pending.Partitions)
                await SendAsync(item.Label, pending, cutRemainder: false);
            if (_pendingLines < MaxPending) return;
            foreach (var (label, most) in _pending.OrderByDescending(entry => entry.Value.Lines.Count).Take(_pending.Count / 2 + 1).ToList())
                await SendAsync(label, most, cutRemainder: true);
        }

        /// <summary>Sends a class's lines; those that fill no batch stay pending unless the remainder is cut.</summary>
        private async Task SendAsync(Label label, PendingClass pending, bool cutRemainder)
        {
            await MakeKnownAsync();
            var address = new ClassAddress(job.Incarnation, label);
            var lines = pending.Lines;
            pending.Lines = [];
            _pendingLines -= lines.Count;
            if (_refused.Contains(label))
            {
                foreach (var line in lines) Reject(line.Number, $"the job has {JobLimits.MaxClasses} classes, which is the most");
                return;
            }
            while (lines.Count > 0)
            {
                var groups = await router.SplitAsync(address, [.. lines.Select(line => line.Line)]);
                pending.Partitions = Math.Max(pending.Partitions, groups.Count);
                var again = new List<PendingLine>();
                foreach (var (firstShard, indices) in groups)
                {
                    var group = indices.ConvertAll(index => lines[index]);
                    if (!cutRemainder && group.Count < job.Settings.BatchSize) Keep(pending, group);
                    else if (!await SendAsync(address, firstShard, pending, group, cutRemainder)) again.AddRange(group);
                }
                lines = again;
            }
        }

        /// <returns>False where the class has grown and the lines must be split again.</returns>
        private async Task<bool> SendAsync(
            ClassAddress address, int firstShard, PendingClass pending, List<PendingLine> lines, bool cutRemainder)
        {
            if (await ImportAsync(address, firstShard, lines, cutRemainder) is not { } receipt) return false;
            if (receipt.Refusal == Refusal.Gone) throw new JobGoneException(job.Name);
            var contradictions = 0;
            for (var i = 0; i < lines.Count; i++)
            {
                if (receipt.Outcomes[i] == ImportOutcome.Accepted) _accepted++;
                else if (receipt.Outcomes[i] == ImportOutcome.Duplicate) _duplicates++;
                else if (receipt.Outcomes[i] == ImportOutcome.Leftover) Keep(pending, [lines[i]]);
                else Reject(lines[i].Number, Contradiction(lines[i].Line.Confidence, receipt.Standing, contradictions++));
            }
            return true;
        }

        /// <summary>
        /// Imports lines, and again where the call got lost: under task numbers of their own each time, since a lost call may
        /// have used its numbers. What it stored are duplicates then.
        /// </summary>
        private async Task<ImportReceipt?> ImportAsync(ClassAddress address, int firstShard, List<PendingLine> lines, bool cutRemainder)
        {
            var needed = (lines.Count + job.Settings.BatchSize - 1) / job.Settings.BatchSize;
            for (var attempt = 1; ; attempt++)
            {
                var numbers = await _numbers.TakeAsync(needed);
                try
                {
                    var receipt = await router.ImportAsync(address, firstShard, new ImportChunk([.. lines.Select(line => line.Line)], numbers, cutRemainder));
                    _numbers.GiveBack(numbers, receipt?.TasksUsed ?? 0);
                    return receipt;
                }
                catch (Exception e) when (e is TimeoutException or OrleansException && attempt < MaxAttempts)
                {
                    await Task.Delay(_pause * attempt, time, cancellation);
                }
            }
        }

        private static string Contradiction(Percent came, ImmutableArray<Percent?> standing, int index) =>
            standing.IsDefault ? $"contradicts an earlier line: confidence {came} came, and the image has another one, which stands"
            : standing[index] is { } stands ? $"contradicts an earlier line: confidence {came} came, and the image has {stands}, which stands"
            : $"contradicts an earlier line: confidence {came} came, and the image has none, which stands";

        private void Keep(PendingClass pending, List<PendingLine> lines)
        {
            pending.Lines.AddRange(lines);
            _pendingLines += lines.Count;
        }

        /// <summary>Tells the job of all classes seen since, in one write.</summary>
        private async Task MakeKnownAsync()
        {
            var fresh = _pending.Keys.Where(label => !_known.Contains(label)).ToImmutableArray();
            if (fresh.IsEmpty) return;
            var refused = await jobGrain.AddClassesAsync(job.Incarnation, fresh) ?? throw new JobGoneException(job.Name);
            _known.UnionWith(fresh);
            _refused.UnionWith(refused);
        }
    }

    private readonly record struct PendingLine(ImportLine Line, long Number);

    private sealed class PendingClass
    {
        public List<PendingLine> Lines { get; set; } = [];

        /// <summary>As many as the class was last seen to have: that many times the lines make chunks worth sending.</summary>
        public int Partitions { get; set; } = 1;
    }
}

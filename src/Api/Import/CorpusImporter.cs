using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>The job was deleted while it was being written to.</summary>
internal sealed class JobGoneException(JobName job) : Exception($"Job '{job}' was deleted meanwhile.")
{
    public JobName Job { get; } = job;
}

/// <summary>
/// Streams corpora into jobs. Lines gather by class until they fill some batches and then go to their partition in one
/// call, while the next are read. Memory is bounded by <see cref="MaxPending"/> lines, whatever the corpus' size; a job in
/// random order has its corpus shuffled on disk first (<see cref="CorpusShuffle"/>).
/// </summary>
internal sealed class CorpusImporter(IGrainFactory grains, ImageQuery images, TimeProvider time)
{
    private const int MaxPending = 50_000;

    /// <summary>Lines that go to a partition in one call; fewer where many classes wait for theirs.</summary>
    private const int ChunkLines = 2_000;

    /// <summary>Times that lines are sent to their partition before the import is given up.</summary>
    private const int MaxAttempts = 4;

    /// <summary>Images that are looked at to tell percents from fractions.</summary>
    private const int MaxLookedAt = 10_000;

    private const string OtherGold =
        "contradicts another line: the image is there with another known answer, or one of the two lines is gold and the other is not; what was stored first stands";

    private const string OtherVersion =
        "contradicts an earlier line: the image is there as of another model version, or of none; what was stored first stands. To compare two versions on the same images, import each into a job of its own";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="JobGoneException">The job was deleted meanwhile.</exception>
    /// <exception cref="BadInputException">
    /// The corpus can't be read at all. Nothing of it is stored, unless it breaks off, or tens of thousands of records without a confidence come before one
    /// that may be a fraction: those may be stored then, as the message says.
    /// </exception>
    public async Task<ImportSummary> ImportAsync(JobInfo job, Stream corpus, ICorpusFormat format, CorpusOptions options, CancellationToken cancellation)
    {
        var reading = Reading(job, options, cancellation);
        var import = new Import(job, grains, time, cancellation);
        await using var shuffle = job.Settings.Order.Seed is { } seed ? new CorpusShuffle(seed) : null;
        await foreach (var line in CorpusReader.ReadAsync(corpus, format, reading, cancellation))
        {
            if (line.Item is not { } item) import.Counts.Reject(line.Number, line.Problem!);
            else if (!import.Counts.Takes(item, line.Number)) { }
            // Gold goes first: what is cut after it can have it mixed in.
            else if (shuffle is not null && item.Gold is null) shuffle.Add(item, line.Number);
            else await import.AddAsync(item, line.Number);
        }
        if (shuffle is not null)
            foreach (var (item, line) in shuffle.Read()) await import.AddAsync(item, line);
        await import.FinishAsync();
        return import.Counts.ToSummary(format, reading, null);
    }

    /// <summary>Reads the first records and stores nothing.</summary>
    /// <exception cref="BadInputException">The corpus can't be read at all.</exception>
    public async Task<ImportSummary> TryAsync(JobInfo job, Stream corpus, ICorpusFormat format, CorpusOptions options, CancellationToken cancellation)
    {
        var versions = (await grains.GetClasses(job).ListVersionsAsync() ?? throw new JobGoneException(job.Name)).ToHashSet();
        return await TryAsync(job.Settings, corpus, format, Reading(job, options, cancellation), versions, cancellation);
    }

    /// <summary>Reads the first records as for a job of these settings that holds nothing yet, and stores nothing.</summary>
    /// <exception cref="BadInputException">The corpus can't be read at all.</exception>
    public static Task<ImportSummary> TryAsync(JobSettings settings, Stream corpus, ICorpusFormat format, CorpusOptions options, CancellationToken cancellation) =>
        TryAsync(settings, corpus, format, new CorpusReading(options, new ImageBase(settings.ImageBase)) { PictureHosts = settings.PictureHosts }, [], cancellation);

    private static async Task<ImportSummary> TryAsync(
        JobSettings settings, Stream corpus, ICorpusFormat format, CorpusReading reading, HashSet<ModelVersion> versions, CancellationToken cancellation)
    {
        var counts = new ImportCounts(settings);
        var preview = new List<PreviewItem>();
        await foreach (var line in CorpusReader.ReadAsync(corpus, format, reading, cancellation).Take(ImportSummary.DryRunRecords))
        {
            if (line.Item is not { } item) counts.Reject(line.Number, line.Problem!);
            else if (item.Version is { } version && !versions.Contains(version) && (versions.Count >= ModelVersion.MaxPerJob || !versions.Add(version))) counts.Reject(line.Number, TooManyVersions(version));
            else if (counts.Takes(item, line.Number))
            {
                counts.Accepted++;
                if (item.Gold is not null) counts.Gold++;
                if (preview.Count < ImportSummary.MaxPreview)
                    preview.Add(new PreviewItem(line.Number, item.Url.Value, item.Label.Value, item.Confidence?.Value, GoldName.Of(item.Gold), item.Version?.Value));
            }
        }
        return counts.ToSummary(format, reading, preview);
    }

    private static string TooManyVersions(ModelVersion version) => $"the job has {ModelVersion.MaxPerJob} model versions, which is the most, and '{version}' is none of them";

    private CorpusReading Reading(JobInfo job, CorpusOptions options, CancellationToken cancellation) => new(options, new ImageBase(job.Settings.ImageBase))
    {
        PictureHosts = job.Settings.PictureHosts,
        HoldsPercents = async () => await HoldsPercentsAsync(job, cancellation),
    };

    /// <summary>
    /// Whether the job holds an image of more than 1 percent: by its buckets, and, where only some that reach from below 1 to above hold any, by
    /// the first <see cref="MaxLookedAt"/> images.
    /// </summary>
    private async Task<bool> HoldsPercentsAsync(JobInfo job, CancellationToken cancellation)
    {
        if (await grains.FindTalliesAsync(job, null) is not { } tallies) return false;
        var edges = job.Settings.BucketEdges;
        var held = tallies.Classes.SelectMany(entry => entry.Value.Buckets.Index()).Where(bucket => bucket.Item.Total > 0).Select(bucket => edges.BoundsOf(bucket.Index)).Distinct().ToList();
        return held.Exists(bounds => bounds.From >= 1)
            || (held.Exists(bounds => bounds.To > 1) && await images.AllAsync(job, cancellation).Take(MaxLookedAt).AnyAsync(image => image.Confidence > 1, cancellation));
    }

    private sealed class Import(JobInfo job, IGrainFactory grains, TimeProvider time, CancellationToken cancellation)
    {
        /// <summary>Lines of a class of which a task can be cut for certain: a sampled job's are each of one bucket.</summary>
        private readonly int _enough = job.Settings.BatchSize * (job.Settings.Sample is null ? 1 : job.Settings.BucketEdges.BucketCount);

        private readonly Dictionary<(Label Label, bool IsGold), PendingClass> _pending = [];
        private readonly HashSet<Label> _known = [];
        private readonly HashSet<Label> _refused = [];
        private readonly HashSet<ModelVersion> _versions = [];
        private readonly HashSet<ModelVersion> _refusedVersions = [];
        private Sent? _underWay;
        private int _pendingLines;

        public ImportCounts Counts { get; } = new(job.Settings);

        public async Task AddAsync(CorpusItem item, long line)
        {
            var key = (item.Label, item.Gold is not null);
            if (!_pending.TryGetValue(key, out var pending)) _pending[key] = pending = new PendingClass(item.Label, item.Gold is not null);
            pending.Lines.Add(new PendingLine(new CorpusImage(item.Url, item.Confidence, item.Anonymous, item.Gold is { } isRight ? new GoldAnswer(isRight) : null, item.Version), line));
            _pendingLines++;
            if (pending.Lines.Count >= Math.Max(_enough, Math.Min(ChunkLines, MaxPending / 2 / _pending.Count) / _enough * _enough)) await SendAsync(pending, cutRemainder: false);
            if (_pendingLines < MaxPending) return;
            // A task is cut short only where no class has as many lines as a task takes.
            foreach (var most in _pending.Values.OrderByDescending(pending => pending.Lines.Count).Take(_pending.Count / 2 + 1).ToList())
                await SendAsync(most, cutRemainder: most.Lines.Count < _enough);
        }

        public async Task FinishAsync()
        {
            await SettleAsync();
            foreach (var pending in _pending.Values) await SendAsync(pending, cutRemainder: true);
            await SettleAsync();
            // A job deleted under an import that stores nothing would otherwise go unnoticed.
            if (await grains.GetJob(job).GetAsync(job.Incarnation) is null) throw new JobGoneException(job.Name);
        }

        /// <summary>Sends a class's lines; what becomes of them is told to <see cref="SettleAsync"/>, and more can be read meanwhile.</summary>
        private async Task SendAsync(PendingClass pending, bool cutRemainder)
        {
            var label = pending.Label;
            // What came before, so that it is there to be mixed in. At first however little it is; later whole batches alone, so that not all are short.
            if (!pending.IsGold && _pending.TryGetValue((label, true), out var gold) && gold.Lines.Count >= (gold.WasSent ? job.Settings.BatchSize : 1))
                await SendAsync(gold, cutRemainder: !gold.WasSent);
            await SettleAsync();
            await MakeKnownAsync();
            var lines = pending.Lines;
            if (lines.Count == 0) return;
            (pending.Lines, pending.WasSent) = ([], true);
            _pendingLines -= lines.Count;
            if (!await TakesVersionsAsync(lines))
            {
                foreach (var line in lines.Where(line => line.Image.Version is { } version && _refusedVersions.Contains(version)))
                    Counts.Reject(line.Number, TooManyVersions(line.Image.Version!.Value));
                lines = [.. lines.Where(line => line.Image.Version is not { } version || !_refusedVersions.Contains(version))];
                if (lines.Count == 0) return;
            }
            if (_refused.Contains(label))
                foreach (var line in lines) Counts.Reject(line.Number, $"the job has {JobLimits.MaxClasses} classes, which is the most");
            else
                _underWay = new Sent(pending, lines, ImportAsync(new ClassAddress(job.Incarnation, label), pending, lines, cutRemainder));
        }

        private async Task SettleAsync()
        {
            if (_underWay is not var (pending, lines, importing)) return;
            _underWay = null;
            var receipt = await importing;
            if (receipt.Refusal == ImportRefusal.Gone) throw new JobGoneException(job.Name);
            var (contradictions, left) = (0, new List<PendingLine>());
            for (var i = 0; i < lines.Count; i++)
            {
                if (receipt.Outcomes[i] == ImportOutcome.Accepted) (Counts.Accepted, Counts.Gold) = (Counts.Accepted + 1, Counts.Gold + (pending.IsGold ? 1 : 0));
                else if (receipt.Outcomes[i] == ImportOutcome.Duplicate) Counts.Duplicates++;
                else if (receipt.Outcomes[i] == ImportOutcome.Leftover) left.Add(lines[i]);
                else if (receipt.Outcomes[i] == ImportOutcome.TooMuchGold) Counts.Reject(lines[i].Number, $"the class has {GoldMix.MaxImagesPerClass} gold images, which is the most");
                else if (receipt.Outcomes[i] == ImportOutcome.OtherGold) Counts.Reject(lines[i].Number, OtherGold);
                else if (receipt.Outcomes[i] == ImportOutcome.OtherVersion) Counts.Reject(lines[i].Number, OtherVersion);
                else Counts.Reject(lines[i].Number, Contradiction(lines[i].Image.Confidence, receipt.Standing[contradictions++]));
            }
            // Before those that were read meanwhile, so that tasks are cut in the corpus' order.
            pending.Lines.InsertRange(0, left);
            _pendingLines += left.Count;
        }

        /// <summary>
        /// Imports lines into the partition that is open, and again where the call got lost or the partition is full. What a
        /// lost call stored are duplicates then.
        /// </summary>
        private async Task<ImportReceipt> ImportAsync(ClassAddress address, PendingClass pending, List<PendingLine> lines, bool cutRemainder)
        {
            var chunk = new ImportChunk([.. lines.Select(line => line.Image)], cutRemainder);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    if (pending.IsGold) return await ImportGoldAsync(address, chunk);
                    if (pending.Partitions == 0) pending.Partitions = await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync();
                    while (true)
                    {
                        var partition = grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, pending.Partitions - 1).Key);
                        var receipt = await partition.ImportAsync(chunk);
                        if (receipt.Refusal != ImportRefusal.Full) return receipt;
                        pending.Partitions = await grains.GetGrain<IClassGrain>(address.Key).OpenAsync(pending.Partitions);
                    }
                }
                catch (Exception e) when (e is TimeoutException or OrleansException && attempt < MaxAttempts)
                {
                    await Task.Delay(_pause * attempt, time, cancellation);
                }
            }
        }

        private async Task<ImportReceipt> ImportGoldAsync(ClassAddress address, ImportChunk chunk)
        {
            if (!await grains.GetGrain<IClassGrain>(address.Key).OpenGoldAsync()) return ImportReceipt.Refused(ImportRefusal.Gone);
            return await grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(address).Key).ImportAsync(chunk);
        }

        private static string Contradiction(Percent? came, Percent? standing) =>
            $"contradicts an earlier line: confidence {came?.ToString() ?? "none"} came, and the image has {standing?.ToString() ?? "none"}, which stands";

        /// <summary>Tells the job of the model versions of lines; false where it does not take all of them.</summary>
        private async Task<bool> TakesVersionsAsync(List<PendingLine> lines)
        {
            var wanted = lines.Select(line => line.Image.Version).OfType<ModelVersion>().Distinct().ToList();
            var fresh = wanted.Where(version => !_versions.Contains(version) && !_refusedVersions.Contains(version)).ToImmutableArray();
            if (!fresh.IsEmpty)
            {
                _refusedVersions.UnionWith(await grains.GetClasses(job).AddVersionsAsync(fresh) ?? throw new JobGoneException(job.Name));
                _versions.UnionWith(fresh.Where(version => !_refusedVersions.Contains(version)));
            }
            return !wanted.Exists(_refusedVersions.Contains);
        }

        /// <summary>Tells the job of all classes seen since, in one write.</summary>
        private async Task MakeKnownAsync()
        {
            var fresh = _pending.Keys.Select(key => key.Label).Where(label => !_known.Contains(label)).Distinct().ToImmutableArray();
            if (fresh.IsEmpty) return;
            var refused = await grains.GetClasses(job).AddAsync(fresh) ?? throw new JobGoneException(job.Name);
            _known.UnionWith(fresh);
            _refused.UnionWith(refused);
        }
    }

    private readonly record struct PendingLine(CorpusImage Image, long Number);

    /// <summary>Lines that were sent, and what becomes of them.</summary>
    private sealed record Sent(PendingClass Class, List<PendingLine> Lines, Task<ImportReceipt> Receipt);

    /// <summary>Lines of a class that wait to be sent: its gold, or all others.</summary>
    private sealed class PendingClass(Label label, bool isGold)
    {
        public Label Label { get; } = label;

        public bool IsGold { get; } = isGold;

        public List<PendingLine> Lines { get; set; } = [];

        public bool WasSent { get; set; }

        /// <summary>As many as the class was last seen to have; 0 before anybody looked.</summary>
        public int Partitions { get; set; }
    }
}

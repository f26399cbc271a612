using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>Facts in memory, held to what every fact store must do (<see cref="MemoryFactStoreTests"/>).</summary>
internal sealed class MemoryFactStore : IFactStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PartitionAddress, PartitionHead> _heads = [];
    private readonly Dictionary<PartitionAddress, Partition> _partitions = [];
    private readonly Dictionary<ImageAddress, ImagePlace> _places = [];

    /// <summary>By URL: the keys of the classes that have it.</summary>
    private readonly Dictionary<ImageUrl, SortedSet<string>> _classes = [];

    private readonly Dictionary<Incarnation, SortedDictionary<TaskNumber, TaskBlock>> _blocks = [];

    private readonly HashSet<(WorkerId Worker, Incarnation Job)> _workers = [];

    /// <summary>Whether nothing of any job is left but heads.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _partitions.Count == 0 && _places.Count == 0 && _classes.Count == 0 && _blocks.Count == 0 && _workers.Count == 0;
        }
    }

    /// <summary>The partitions that have a head.</summary>
    public IReadOnlyList<PartitionAddress> Heads
    {
        get
        {
            lock (_lock) return [.. _heads.Keys];
        }
    }

    public Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default)
    {
        lock (_lock) return Task.FromResult(_heads.GetValueOrDefault(partition));
    }

    public Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            if (EpochOf(partition) != expectedEpoch) return Task.FromResult(false);
            _heads[partition] = head with { Summary = head.Summary?.ToArray() ?? default(ReadOnlyMemory<byte>?) };
            return Task.FromResult(true);
        }
    }

    public Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            foreach (var submission in submissions)
                Of(partition).Submissions[(submission.Task, submission.Worker, submission.At, submission.Hash)] = submission;
            return Task.FromResult(EpochOf(partition));
        }
    }

    public Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            foreach (var adjudication in adjudications)
                Of(partition).Adjudications[(adjudication.Task, adjudication.Index, adjudication.At, adjudication.Hash)] = adjudication;
            return Task.FromResult(EpochOf(partition));
        }
    }

    public Task<IReadOnlyList<TaskContent?>> InsertAsync(
        PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default)
    {
        lock (_lock) return Task.FromResult<IReadOnlyList<TaskContent?>>([.. tasks.Select(task => Insert(partition, task))]);
    }

    public Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            Of(partition).Tasks.TryAdd(task, null);
            return Task.FromResult(Of(partition).Tasks[task]);
        }
    }

    public IAsyncEnumerable<TaskContent> ReadTasksAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        Read(partition, kept => kept.Tasks.Values.OfType<TaskContent>().Where(task => task.Number >= first && task.Number <= last));

    public IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        Read(partition, kept => kept.Tasks.Values.OfType<TaskContent>().Select(TaskOutline.Of));

    public IAsyncEnumerable<Submission> ReadSubmissionsAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        Read(partition, kept => kept.Submissions.Values.Where(submission => submission.Task >= first && submission.Task <= last)
            .OrderBy(submission => submission.Task));

    public IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        Read(partition, kept => kept.Adjudications.Values.Where(adjudication => adjudication.Task >= first && adjudication.Task <= last)
            .OrderBy(adjudication => adjudication.Task));

    public Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<ImagePlace?>>(
                [.. urls.Select(url => _places.TryGetValue(new ImageAddress(address, url), out var place) ? place : (ImagePlace?)null)]);
    }

    public Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default)
    {
        if (cursor is not null) _ = ClassAddress.Parse(cursor);
        lock (_lock)
        {
            var found = _classes.GetValueOrDefault(url, []).Where(key => string.CompareOrdinal(key, cursor ?? "") > 0).Take(limit).ToList();
            return Task.FromResult(new ClassPage([.. found.Select(ClassAddress.Parse)], found.Count < limit ? null : found[^1]));
        }
    }

    public Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(incarnation, out var blocks)) _blocks[incarnation] = blocks = [];
            blocks[block.First] = block;
            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(
        Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<TaskBlock>>(
                [.. _blocks.GetValueOrDefault(incarnation, []).Values.Where(block => block.End > from.Value).Take(limit)]);
    }

    public Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default)
    {
        lock (_lock) _workers.UnionWith(workers.Select(worker => (worker, incarnation)));
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default)
    {
        lock (_lock)
            return _workers.Where(note => note.Worker == worker && string.CompareOrdinal(note.Job.Value, after?.Value ?? "") > 0)
                .Select(note => note.Job).OrderBy(job => job.Value, StringComparer.Ordinal).ToList().ToAsyncEnumerable();
    }

    public Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            foreach (var state in tasks) Of(partition).Listed[state.Task] = state;
            return Task.CompletedTask;
        }
    }

    public IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        Read(partition, kept => kept.Listed.Values);

    public Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(partition, out var kept)) return Task.FromResult(0);
            var deleted = 0;
            foreach (var key in kept.Submissions.Keys.Take(limit - deleted).ToList()) deleted += kept.Submissions.Remove(key) ? 1 : 0;
            foreach (var key in kept.Adjudications.Keys.Take(limit - deleted).ToList()) deleted += kept.Adjudications.Remove(key) ? 1 : 0;
            foreach (var key in kept.Listed.Keys.Take(limit - deleted).ToList()) deleted += kept.Listed.Remove(key) ? 1 : 0;
            foreach (var (number, task) in kept.Tasks.ToList())
            {
                foreach (var image in task?.Images ?? [])
                    if (deleted < limit && !image.IsElsewhere) deleted += RemovePlace(new ImageAddress(partition.Class, image.Url)) ? 1 : 0;
                if (deleted < limit) deleted += kept.Tasks.Remove(number) ? 1 : 0;
            }
            if (deleted < limit) _partitions.Remove(partition);
            return Task.FromResult(deleted);
        }
    }

    public Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default)
    {
        lock (_lock) _heads.Remove(partition);
        return Task.CompletedTask;
    }

    public Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default) => Task.FromResult(0);

    public Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(incarnation, out var blocks)) return Task.FromResult(0);
            var deleted = blocks.Keys.Take(limit).ToList().Count(blocks.Remove);
            if (blocks.Count == 0) _blocks.Remove(incarnation);
            return Task.FromResult(deleted);
        }
    }

    public Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default)
    {
        lock (_lock) return Task.FromResult(_workers.Where(note => note.Job == incarnation).Take(limit).ToList().Count(_workers.Remove));
    }

    private TaskContent? Insert(PartitionAddress partition, TaskContent task)
    {
        if (Of(partition).Tasks.ContainsKey(task.Number)) return null;
        task = task with { Images = [.. task.Images.Where(image => image.IsElsewhere || !_places.ContainsKey(new ImageAddress(partition.Class, image.Url)))] };
        if (task.Images.All(image => image.IsMixedIn)) return null;
        Of(partition).Tasks.Add(task.Number, task);
        for (var index = 0; index < task.Images.Length; index++)
        {
            if (task.Images[index].IsElsewhere) continue;
            var url = task.Images[index].Url;
            _places.Add(new ImageAddress(partition.Class, url), new ImagePlace(partition.Number, task.Number, index));
            if (!_classes.TryGetValue(url, out var classes)) _classes[url] = classes = new SortedSet<string>(StringComparer.Ordinal);
            classes.Add(partition.Class.Key);
        }
        return task;
    }

    private bool RemovePlace(ImageAddress address)
    {
        if (!_places.Remove(address)) return false;
        _classes[address.Url].Remove(address.Class.Key);
        if (_classes[address.Url].Count == 0) _classes.Remove(address.Url);
        return true;
    }

    private long EpochOf(PartitionAddress partition) => _heads.TryGetValue(partition, out var head) ? head.Epoch : 0;

    private Partition Of(PartitionAddress partition)
    {
        if (!_partitions.TryGetValue(partition, out var kept)) _partitions[partition] = kept = new Partition();
        return kept;
    }

    private IAsyncEnumerable<T> Read<T>(PartitionAddress partition, Func<Partition, IEnumerable<T>> read)
    {
        lock (_lock) return (_partitions.TryGetValue(partition, out var kept) ? read(kept).ToList() : []).ToAsyncEnumerable();
    }

    private sealed class Partition
    {
        /// <summary>Null for a number that is closed.</summary>
        public SortedDictionary<TaskNumber, TaskContent?> Tasks { get; } = [];

        public Dictionary<(TaskNumber Task, WorkerId Worker, SubmissionTime At, string Hash), Submission> Submissions { get; } = [];

        public Dictionary<(TaskNumber Task, int Index, SubmissionTime At, string Hash), Adjudication> Adjudications { get; } = [];

        public Dictionary<TaskNumber, ListedState> Listed { get; } = [];
    }
}

public sealed class MemoryFactStoreTests : FactStoreCompliance
{
    private readonly MemoryFactStore _store = new();

    protected override IFactStore Store => _store;

    [Fact]
    public async Task IsEmpty_SaysWhetherAnythingButHeadsIsLeft()
    {
        var partition = new PartitionAddress(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), 0);
        await _store.WriteHeadAsync(partition, new PartitionHead(1, true, null), 0, Cancellation);
        Assert.True(_store.IsEmpty);
        await _store.InsertAsync(partition, [new TaskContent(new TaskNumber(0), [new CorpusImage(ImageUrl.Create("s3://b/a"), null)])], Cancellation);
        await _store.AppendAsync(partition, [new Submission(new TaskNumber(0), WorkerId.Create("ann"), default, TaskAnswers.Parse("c"))], Cancellation);
        await _store.WriteBlockAsync(partition.Class.Incarnation, new TaskBlock(new TaskNumber(0), 1, partition.Class.Label, 0), Cancellation);
        await _store.DeleteFactsAsync(partition, 100, Cancellation);
        Assert.False(_store.IsEmpty);
        await _store.DeleteBlocksAsync(partition.Class.Incarnation, 100, Cancellation);
        Assert.True(_store.IsEmpty);
        await _store.WriteWorkersAsync(partition.Class.Incarnation, [WorkerId.Create("ann")], Cancellation);
        Assert.False(_store.IsEmpty);
        await _store.DeleteWorkersAsync(partition.Class.Incarnation, 100, Cancellation);
        Assert.True(_store.IsEmpty);
    }
}

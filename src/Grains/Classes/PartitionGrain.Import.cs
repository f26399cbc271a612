using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>Import: new images are cut into tasks. A task whose write ended without an answer is settled before anything else is.</content>
public sealed partial class PartitionGrain
{
    /// <summary>The most numbers that are reserved at once for what is still to come.</summary>
    private const int MaxReserved = 1_000;

    private readonly Gate _imports = new();

    /// <summary>Tasks that may or may not be stored.</summary>
    private readonly HashSet<TaskNumber> _unsettled = [];

    /// <summary>Numbers that are reserved and not used yet.</summary>
    private (int Next, int End) _numbers;

    public async Task<ImportReceipt> ImportAsync(ImportChunk chunk)
    {
        var elsewhere = new HashSet<ImagePlace>();
        var receipt = await ImportAsync(chunk, elsewhere);
        // Outside the gate, which two partitions that ask each other would keep closed.
        foreach (var places in elsewhere.GroupBy(place => place.Partition))
            await GrainFactory.GetGrain<IPartitionGrain>(new PartitionAddress(_address.Class, places.Key).Key).TakeInAsync([.. places.Select(place => place.Task).Distinct()]);
        return receipt;
    }

    public async Task TakeInAsync(ImmutableArray<TaskNumber> tasks)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return;
        await LookForUnknownAsync(view, tasks);
        await EnsureCurrentAsync(view);
    }

    /// <param name="chunk">What to import.</param>
    /// <param name="elsewhere">Is given the places that images have in other partitions.</param>
    private async Task<ImportReceipt> ImportAsync(ImportChunk chunk, HashSet<ImagePlace> elsewhere)
    {
        using var pass = await _gate.EnterAsync();
        // One at a time, so that two imports of the same images don't both take them for new.
        using var turn = await _imports.EnterAloneAsync();
        if (await ViewAsync() is not { } view) return ImportReceipt.Refused(ImportRefusal.Gone);
        if (!_address.IsGold && view.Fold.Images >= options.Value.MaxImagesPerPartition) return ImportReceipt.Refused(ImportRefusal.Full);
        foreach (var task in _unsettled.ToList()) await SettleAsync(view, task);
        var import = new ChunkImport(chunk);
        await CompareAsync(view, import, import.Distinct, elsewhere);
        if (_address.IsGold) import.Refuse(import.Fresh.Skip(Math.Max(0, GoldMix.MaxImagesPerClass - view.Fold.Images)));
        var tasks = await CutAsync(view, import, chunk.CutRemainder);
        if (tasks is null) return ImportReceipt.Refused(ImportRefusal.Gone);
        if (tasks.Count > 0) await InsertAsync(view, import, tasks, elsewhere);
        await EnsureCurrentAsync(view);
        metrics.Imported.Add(import.Count(ImportOutcome.Accepted));
        return import.Receipt();
    }

    /// <summary>Marks those of the images that have a place already, by what stands there.</summary>
    private async Task CompareAsync(PartitionView view, ChunkImport import, IReadOnlyList<int> indices, HashSet<ImagePlace> elsewhere)
    {
        var places = await facts.FindAsync(_address.Class, [.. indices.Select(index => import.Images[index].Url)]);
        var read = new Dictionary<TaskNumber, TaskContent>();
        foreach (var (index, place) in indices.Zip(places))
        {
            if (place is not { } found) continue;
            if (found.Partition != _address.Number) elsewhere.Add(found);
            var (confidence, gold, version) = await StandingAsync(view, found, read);
            import.Stands(index, confidence, gold, version);
        }
    }

    /// <summary>The confidence of the image that has a place, its known answer where it is gold, and its model version.</summary>
    private async Task<(Percent? Confidence, bool? GoldIsRight, ModelVersion? Version)> StandingAsync(PartitionView view, ImagePlace place, Dictionary<TaskNumber, TaskContent> read)
    {
        if (place.Partition == _address.Number)
        {
            if (!view.Fold.Knows(place.Task)) await TakeInAsync(view, place.Task);
            if (view.Fold.Knows(place.Task))
                return (view.Fold.ConfidencesOf(place.Task)[place.Index] is var held && double.IsNaN(held) ? null : Percent.Create(held), view.Fold.GoldOf(place.Task, place.Index)?.IsRight, view.Fold.VersionOf(place.Task, place.Index));
        }
        else if (!read.ContainsKey(place.Task))
        {
            await foreach (var content in facts.ReadTasksAsync(new PartitionAddress(_address.Class, place.Partition), place.Task, place.Task)) read[place.Task] = content;
        }
        return read.TryGetValue(place.Task, out var found)
            ? (found.Images[place.Index].Confidence, found.Images[place.Index].Gold?.IsRight, found.Images[place.Index].Version)
            : throw new StorageException($"an image of {_address.Class.Key} has its place in a task that is not there; try again");
    }

    /// <summary>New tasks of what has no place; null where the job is gone.</summary>
    private async Task<List<TaskContent>?> CutAsync(PartitionView view, ChunkImport import, bool cutRemainder)
    {
        var batches = new List<(ImmutableArray<CorpusImage> Images, int Taken)>();
        // A sample is of buckets, and of whole tasks.
        foreach (var part in view.Job.Settings.Sample is null || _address.IsGold ? [import.Fresh] : import.FreshByBucket(view.Job.Settings.BucketEdges))
        {
            var cut = await CutAsync(view, [.. part.Select(index => import.Images[index])], cutRemainder, batches.Sum(batch => batch.Images.Length - batch.Taken));
            import.Leave(part.Skip(cut.Sum(batch => batch.Taken)));
            batches.AddRange(cut);
        }
        if (await NumbersAsync(view, batches.Count, more: !cutRemainder) is not { } numbers) return null;
        return [.. batches.Zip(numbers, (batch, number) => new TaskContent(number, batch.Images))];
    }

    /// <summary>
    /// So many numbers that were never used: those that are left, and then newly reserved ones; as many again as there are tasks,
    /// at most, where more images are to come. Null where the job is gone.
    /// </summary>
    private async Task<List<TaskNumber>?> NumbersAsync(PartitionView view, int count, bool more)
    {
        var missing = count - (_numbers.End - _numbers.Next);
        if (missing <= 0) return Take(count);
        var wanted = more ? Math.Max(missing, Math.Min(view.Fold.TaskCount, MaxReserved)) : missing;
        var grain = GrainFactory.GetGrain<ITaskNumbersGrain>(_address.Class.Incarnation.Value);
        if (await grain.ReserveAsync(_address.Class.Label, _address.Number, wanted) is not { } block) return null;
        var left = Take(count - missing);
        _numbers = (block.First.Value, block.End);
        return [.. left, .. Take(missing)];

        List<TaskNumber> Take(int some)
        {
            _numbers.Next += some;
            return [.. Enumerable.Range(_numbers.Next - some, some).Select(number => new TaskNumber(number))];
        }
    }

    private async Task InsertAsync(PartitionView view, ChunkImport import, List<TaskContent> tasks, HashSet<ImagePlace> elsewhere)
    {
        IReadOnlyList<TaskContent?>? stored = null;
        try
        {
            stored = await facts.InsertAsync(_address, tasks);
        }
        finally
        {
            if (stored is null)
            {
                _unsettled.UnionWith(tasks.Select(task => task.Number));
                RepairLater();
            }
        }
        foreach (var task in stored.OfType<TaskContent>())
        {
            AddTask(view, task);
            import.Accept(task.Images);
        }
        // What somebody else has stored meanwhile, such as an earlier attempt that nobody heard of.
        var others = import.Fresh;
        if (others.Count == 0) return;
        await CompareAsync(view, import, others, elsewhere);
        if (import.Fresh.Count > 0) throw new StorageException($"another import into {_address.Key} was quicker; try again");
    }

    private async Task SettleAsync(PartitionView view, TaskNumber task)
    {
        if (await facts.SettleAsync(_address, task) is { } content) AddTask(view, content);
        _unsettled.Remove(task);
    }

    /// <summary>A chunk, and what became of each of its images so far.</summary>
    private sealed class ChunkImport
    {
        private readonly ImportOutcome?[] _outcomes;
        private readonly Percent?[] _standing;
        private readonly bool?[] _standingGold;
        private readonly ModelVersion?[] _standingVersion;
        private readonly Dictionary<ImageUrl, int> _first = [];

        public ChunkImport(ImportChunk chunk)
        {
            Images = chunk.Images;
            (_outcomes, _standing, _standingGold, _standingVersion) = (new ImportOutcome?[Images.Length], new Percent?[Images.Length], new bool?[Images.Length], new ModelVersion?[Images.Length]);
            var distinct = new List<int>();
            for (var index = 0; index < Images.Length; index++)
                if (_first.TryAdd(Images[index].Url, index)) distinct.Add(index);
            Distinct = distinct;
        }

        public ImmutableArray<CorpusImage> Images { get; }

        /// <summary>Where each URL comes first.</summary>
        public IReadOnlyList<int> Distinct { get; }

        /// <summary>Those without an outcome.</summary>
        public List<int> Fresh => [.. Distinct.Where(index => _outcomes[index] is null)];

        public IEnumerable<List<int>> FreshByBucket(BucketEdges edges) => Fresh.GroupBy(index => edges.IndexOf(Images[index].Confidence), (_, indices) => indices.ToList());

        public int Count(ImportOutcome outcome) => _outcomes.Count(found => found == outcome);

        /// <summary>The image was there, with this confidence, known answer and model version.</summary>
        public void Stands(int index, Percent? standing, bool? goldIsRight, ModelVersion? version)
        {
            (_standing[index], _standingGold[index], _standingVersion[index]) = (standing, goldIsRight, version);
            _outcomes[index] = (standing, Images[index].Confidence) switch
            {
                _ when goldIsRight != Images[index].Gold?.IsRight => ImportOutcome.OtherGold,
                // A line that says none says nothing against it.
                _ when Images[index].Version is { } came && came != version => ImportOutcome.OtherVersion,
                (null, null) => ImportOutcome.Duplicate,
                ({ } score, { } came) when score.IsSameScore(came) => ImportOutcome.Duplicate,
                _ => ImportOutcome.Contradiction,
            };
        }

        public void Accept(IEnumerable<CorpusImage> images)
        {
            foreach (var image in images)
                if (!image.IsMixedIn) _outcomes[_first[image.Url]] = ImportOutcome.Accepted;
        }

        public void Refuse(IEnumerable<int> indices)
        {
            foreach (var index in indices.ToList()) _outcomes[index] = ImportOutcome.TooMuchGold;
        }

        public void Leave(IEnumerable<int> indices)
        {
            foreach (var index in indices) _outcomes[index] = ImportOutcome.Leftover;
        }

        public ImportReceipt Receipt()
        {
            // An image that comes again in the chunk is compared with what stands now.
            for (var index = 0; index < Images.Length; index++)
                if (_first[Images[index].Url] is var first && first != index)
                {
                    if (_outcomes[first] == ImportOutcome.TooMuchGold)
                    {
                        _outcomes[index] = ImportOutcome.TooMuchGold;
                        continue;
                    }
                    var isNew = _outcomes[first] is ImportOutcome.Accepted or ImportOutcome.Leftover;
                    Stands(index, isNew ? Images[first].Confidence : _standing[first], isNew ? Images[first].Gold?.IsRight : _standingGold[first], isNew ? Images[first].Version : _standingVersion[first]);
                }
            return new ImportReceipt(
                ImportRefusal.None, [.. _outcomes.Select(outcome => outcome!.Value)],
                [.. _standing.Where((_, index) => _outcomes[index] == ImportOutcome.Contradiction)]);
        }
    }
}

namespace BulkQA.Core;

/// <content>The counters: what the answers come to under the rules.</content>
public sealed partial class PartitionFold
{
    private readonly BucketEdges _edges;
    private readonly int _workersPerTask;
    private readonly BucketTally[] _buckets;

    /// <summary>What adjudications add to and take from <see cref="_buckets"/>.</summary>
    private readonly BucketTally[] _adjusted;

    /// <summary>Those of the images in <see cref="_buckets"/> that are of done tasks.</summary>
    private readonly BucketTally[] _done;

    /// <summary>The same images as in <see cref="_buckets"/>, by confidence.</summary>
    private readonly FineCounter _fine = new();

    /// <summary>What adjudications add to and take from <see cref="_fine"/>.</summary>
    private readonly FineCounter _fineAdjusted = new();

    private VerdictRules _rules;
    private long _votes;
    private long _unseen;
    private long _adjudicated;
    private int _tasksDone;
    private SubmissionTime _lastAnswerAt;

    /// <summary>Decides every verdict anew, and counts anew which tasks are done.</summary>
    public void ChangeRules(VerdictRules rules)
    {
        lock (_counters)
        {
            _rules = rules;
            for (var index = 0; index < _workers.Count; index++) _weights[index] = rules.WeightOf(_workers[index]);
            Array.Clear(_buckets);
            Array.Clear(_adjusted);
            Array.Clear(_done);
            _fine.Clear();
            _fineAdjusted.Clear();
            ClearBreakdown();
            (_votes, _unseen, _adjudicated, _tasksDone) = (0, 0, 0, 0);
            foreach (var (number, task) in _tasks) Count(number, task);
            foreach (var ((number, image), adjudication) in _adjudications)
                if (!_tasks[number].IsGold(image)) Adjust(_tasks[number], image, VerdictOf(_tasks[number], image), adjudication.Verdict, +1);
        }
    }

    /// <summary>The counters as they are. From any thread at any time.</summary>
    public ClassTally Tally()
    {
        lock (_counters)
            return new([.. _buckets], _votes, _tasks.Count, _tasksDone, _lastAnswerAt, _unseen)
            {
                Adjudicated = _adjudicated,
                Done = [.. _done],
                HeldBack = CountHeldBack(),
                InDoubt = _doubtRule is null ? null : _inDoubt.Count,
                Final = _adjudicated == 0 ? default : [.. _buckets.Zip(_adjusted, BucketTally.Add)],
            };
    }

    /// <summary>The images by confidence at steps of 0.01 %. From any thread at any time.</summary>
    /// <param name="isFinal">Whether by adjudications where there are any, or by votes alone.</param>
    public FineHistogram CountFine(bool isFinal)
    {
        lock (_counters) return _fine.ToHistogram(isFinal && _adjudicated > 0 ? _fineAdjusted : null);
    }

    /// <summary>Whether all images of a known task lie in these buckets, by their index; gold lies in none and does not matter.</summary>
    public bool LiesWithin(TaskNumber task, ReadOnlySpan<bool> buckets)
    {
        var known = _tasks[task.Value];
        for (var image = 0; image < known.Confidences.Length; image++)
            if (!known.IsGold(image) && !buckets[IndexOf(known.Confidences[image])]) return false;
        return true;
    }

    /// <summary>Counts all that a task has.</summary>
    private void Count(int number, FoldedTask task)
    {
        (task.ImagesDone, task.Whole) = (0, 0);
        for (var image = 0; image < task.Confidences.Length; image++)
        {
            var counts = task.Count(image, Weights);
            if (!task.IsGold(image))
            {
                var verdict = _rules.Decide(counts);
                AddTo(task, image, verdict);
                if (counts.Answered >= _workersPerTask && verdict != Verdict.Unreviewed) CountDay(DayOf(task.LastVoteOn(image, Weights, -1)), task.VersionOf(image), verdict, +1);
                _votes += counts.Votes;
                if (counts.NotSeen > 0) _unseen++;
            }
            if (counts.Answered >= _workersPerTask) task.ImagesDone++;
            for (var at = 0; at < task.Workers.Length; at++)
                if (task.TimeOf(at, image) > _lastAnswerAt.UtcTicks) _lastAnswerAt = new SubmissionTime(task.TimeOf(at, image));
        }
        if (task.IsDone) CountDone(task);
        for (var at = 0; at < task.Workers.Length; at++)
            if (task.IsWhole(at) && _weights[task.Workers[at].Worker].IsCounted) task.Whole++;
        LookAtDoubts(number, task);
    }

    /// <summary>A task has all its answers: its images' verdicts count as those of done tasks from now on.</summary>
    private void CountDone(FoldedTask task)
    {
        _tasksDone++;
        for (var image = 0; image < task.Confidences.Length; image++)
        {
            if (task.IsGold(image)) continue;
            ref var bucket = ref _done[IndexOf(task.Confidences[image])];
            bucket = bucket.Add(VerdictOf(task, image), +1);
        }
    }

    private void Replace(FoldedTask task, int at, int image, AnswerKind kind, long time, int number, bool wasDone)
    {
        var isCounted = _weights[task.Workers[at].Worker].IsCounted;
        var before = isCounted ? task.Count(image, Weights) : default;
        var voted = task.VoteTimeOf(at, image);
        task.Set(at, image, kind, time);
        if (!isCounted) return;
        var now = task.Count(image, Weights);
        if (before.Answered < now.Answered && now.Answered == _workersPerTask) task.ImagesDone++;
        if (task.IsGold(image)) return;
        var others = task.LastVoteOn(image, Weights, at);
        var (dayBefore, day) = (DayOf(Math.Max(others, voted)), DayOf(Math.Max(others, task.VoteTimeOf(at, image))));
        if (before == now && dayBefore == day) return;
        _votes += now.Votes - before.Votes;
        _unseen += (now.NotSeen > 0 ? 1 : 0) - (before.NotSeen > 0 ? 1 : 0);
        var (old, verdict) = (_rules.Decide(before), _rules.Decide(now));
        var version = task.VersionOf(image);
        // The first of three votes may turn: a day of half-answered images would be worse than they are in the end, or better.
        if (before.Answered >= _workersPerTask) CountDay(dayBefore, version, old, -1);
        if (now.Answered >= _workersPerTask) CountDay(day, version, verdict, +1);
        if (verdict == old) return;
        var index = IndexOf(task.Confidences[image]);
        _buckets[index] = _buckets[index].Add(old, -1).Add(verdict, +1);
        if (version > 0) _byVersion[version - 1].Buckets[index] = _byVersion[version - 1].Buckets[index].Add(old, -1).Add(verdict, +1);
        if (wasDone) _done[index] = _done[index].Add(old, -1).Add(verdict, +1);
        _fine.Move(task.Confidences[image], old, verdict, +1);
        if (_adjudications.Count == 0 || !_adjudications.TryGetValue((number, image), out var adjudication)) return;
        Adjust(task, image, old, adjudication.Verdict, -1);
        Adjust(task, image, verdict, adjudication.Verdict, +1);
    }

    private void AddTo(FoldedTask task, int image, Verdict verdict)
    {
        var (index, version) = (IndexOf(task.Confidences[image]), task.VersionOf(image));
        _buckets[index] = _buckets[index].Add(verdict, +1);
        if (version > 0) _byVersion[version - 1].Buckets[index] = _byVersion[version - 1].Buckets[index].Add(verdict, +1);
        _fine.Add(task.Confidences[image], verdict, +1);
    }

    /// <summary>Counts, or no longer, that an image of this verdict has another one in the end.</summary>
    /// <param name="task">The image's.</param>
    /// <param name="image">Its index.</param>
    /// <param name="verdict">By votes.</param>
    /// <param name="final">By adjudication; null where there is none.</param>
    /// <param name="images">One more or one less.</param>
    private void Adjust(FoldedTask task, int image, Verdict verdict, Verdict? final, int images)
    {
        if (final is not { } decided) return;
        _adjudicated += images;
        var (index, version) = (IndexOf(task.Confidences[image]), task.VersionOf(image));
        _adjusted[index] = _adjusted[index].Add(verdict, -images).Add(decided, images);
        if (version > 0) _byVersion[version - 1].Adjusted[index] = _byVersion[version - 1].Adjusted[index].Add(verdict, -images).Add(decided, images);
        _fineAdjusted.Move(task.Confidences[image], verdict, decided, images);
    }

    private Verdict VerdictOf(FoldedTask task, int image) => _rules.Decide(task.Count(image, Weights));

    /// <summary>The day (UTC) of a time, from 0.</summary>
    private static int DayOf(long utcTicks) => (int)Math.Min(utcTicks / TimeSpan.TicksPerDay, DateOnly.MaxValue.DayNumber);

    private int IndexOf(double confidence) => _edges.IndexOf(double.IsNaN(confidence) ? null : Percent.Create(confidence));
}

using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <content>The same images as in the buckets, by model version, and those that have all their answers by the day of their last vote.</content>
public sealed partial class PartitionFold
{
    /// <summary>The versions of the tasks' images, in the order in which they came. Fewer than a byte counts: a job has <see cref="ModelVersion.MaxPerJob"/> at most.</summary>
    private readonly List<ModelVersion> _versions = [];

    /// <summary>By version: its images by bucket, and what adjudications add to and take from them.</summary>
    private readonly List<(BucketTally[] Buckets, BucketTally[] Adjusted)> _byVersion = [];

    /// <summary>Reviewed images that have as many answers as the job asks for, by day and version (<see cref="DayKey"/>), and where each is in <see cref="_days"/>.</summary>
    private readonly Dictionary<long, int> _dayAt = [];

    private readonly List<(long Key, BucketTally Counts)> _days = [];

    /// <summary>The two days that were counted last, the later first: most votes are of one day, or take images from one to the other.</summary>
    private (long Key, int At) _lastDay = (-1, -1), _dayBefore = (-1, -1);

    /// <summary>Whether it is known of every task which versions its images are of: a release before packs folds without them.</summary>
    public bool KnowsVersions { get; private set; } = true;

    /// <summary>Whether <see cref="Pack"/> takes them along: what is not known of replaced votes, which come before them, can't be left out.</summary>
    public bool PacksVersions => KnowsVersions && _knowsReplaced;

    /// <summary>Says that no image had a version when the fold was packed.</summary>
    public void HadNoVersions() => KnowsVersions = true;

    /// <summary>The version of an image of a known task; null for none.</summary>
    public ModelVersion? VersionOf(TaskNumber task, int image) => _tasks[task.Value].VersionOf(image) is > 0 and var version ? _versions[version - 1] : null;

    /// <summary>The images by version and day. From any thread at any time.</summary>
    public ReviewBreakdown BreakDown()
    {
        lock (_counters)
        {
            // Puts them in order, too.
            return ReviewBreakdown.Sum([new(
                [.. _byVersion.Select((counts, version) => new VersionTally(_versions[version], [.. counts.Buckets], [.. counts.Buckets.Zip(counts.Adjusted, BucketTally.Add)]))
                    .Where(tally => tally.Buckets.Any(bucket => bucket.Total > 0))],
                [.. _days.Where(day => day.Counts.Total > 0).Select(day => new DayTally(
                    DateOnly.FromDayNumber((int)(day.Key >> 8)), (day.Key & 0xFF) is > 0 and var version ? _versions[(int)version - 1] : null, day.Counts))])]);
        }
    }

    /// <summary>
    /// The images of one model version by confidence at steps of 0.01 %; empty where none is of it. Looks at every image of the partition: confidences are
    /// not counted by version.
    /// </summary>
    /// <param name="isFinal">Whether by adjudications where there are any, or by votes alone.</param>
    public FineHistogram CountFine(ModelVersion version, bool isFinal)
    {
        var (counter, wanted) = (new FineCounter(), _versions.IndexOf(version) + 1);
        if (wanted == 0) return FineHistogram.Empty;
        foreach (var (number, task) in _tasks)
            for (var image = 0; image < task.Confidences.Length; image++)
            {
                if (task.VersionOf(image) != wanted || task.IsGold(image)) continue;
                var decided = isFinal && _adjudications.Count > 0 && _adjudications.TryGetValue((number, image), out var adjudication) ? adjudication.Verdict : null;
                counter.Add(task.Confidences[image], decided ?? VerdictOf(task, image), +1);
            }
        return counter.ToHistogram();
    }

    private static long DayKey(int day, int version) => ((long)day << 8) | (uint)version;

    /// <summary>The index of a version from 1, which it is given where it has none.</summary>
    private byte IndexOf(ModelVersion version)
    {
        var index = _versions.IndexOf(version);
        if (index < 0)
        {
            if (_versions.Count == byte.MaxValue) return 0;
            index = _versions.Count;
            _versions.Add(version);
            _byVersion.Add((new BucketTally[_edges.BucketCount], new BucketTally[_edges.BucketCount]));
        }
        return (byte)(index + 1);
    }

    /// <summary>Tells a task which versions its images are of.</summary>
    private void SetVersions(FoldedTask task, TaskVersions versions)
    {
        if (versions.Names.IsEmpty) return;
        byte[] known = [0, .. versions.Names.Select(IndexOf)];
        task.SetVersions(versions.IsOne ? [known[1]] : [.. Enumerable.Range(0, task.Confidences.Length).Select(image => known[versions.PlaceOf(image)])]);
    }

    private TaskVersions VersionsOf(FoldedTask task) =>
        TaskVersions.Of([.. Enumerable.Range(0, task.Confidences.Length).Select(image => task.VersionOf(image) is > 0 and var version ? _versions[version - 1] : (ModelVersion?)null)]);

    private void ClearBreakdown()
    {
        foreach (var (buckets, adjusted) in _byVersion)
        {
            Array.Clear(buckets);
            Array.Clear(adjusted);
        }
        _dayAt.Clear();
        _days.Clear();
        _lastDay = _dayBefore = (-1, -1);
    }

    /// <summary>Counts, or no longer, an image that is reviewed.</summary>
    /// <param name="day">Of its last vote.</param>
    /// <param name="version">From 1; 0 for none.</param>
    /// <param name="verdict">Nothing is counted where it is not reviewed.</param>
    /// <param name="images">One more or one less.</param>
    private void CountDay(int day, int version, Verdict verdict, int images)
    {
        if (verdict == Verdict.Unreviewed) return;
        var key = DayKey(day, version);
        if (_dayBefore.Key == key)
        {
            (_lastDay, _dayBefore) = (_dayBefore, _lastDay);
        }
        else if (_lastDay.Key != key)
        {
            _dayBefore = _lastDay;
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_dayAt, key, out var isKnown);
            if (!isKnown)
            {
                at = _days.Count;
                _days.Add((key, default));
            }
            _lastDay = (key, at);
        }
        ref var counted = ref CollectionsMarshal.AsSpan(_days)[_lastDay.At];
        counted.Counts = counted.Counts.Add(verdict, images);
    }
}

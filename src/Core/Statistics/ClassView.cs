using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <summary>
/// The live counters of a range of shards of one class, with what each image contributes to them. Derived: the same rows
/// give the same view, whatever the order, and a lost one is folded again. About 100 bytes an image. For one thread at a
/// time, but for <see cref="Tally"/>.
/// </summary>
public sealed class ClassView
{
    /// <summary>Held while counters change, so that whoever reads them sees all of a change or nothing.</summary>
    private readonly Lock _counters = new();

    private readonly Dictionary<ImageHash, Contribution> _images = [];
    private readonly Dictionary<TaskNumber, TaskProgress> _tasks = [];
    private readonly BucketEdges _edges;
    private readonly int _workersPerTask;
    private readonly Func<Shard, bool> _owns;
    private readonly BucketTally[] _buckets;
    private VerdictPolicy _policy;
    private long _votes;
    private int _tasksDone;
    private SubmissionTime _lastVoteAt;

    /// <param name="settings">The job's: its edges, policy and workers per task.</param>
    /// <param name="owns">Whether a shard is in this view's range; images and tasks at home elsewhere are not counted here.</param>
    public ClassView(JobSettings settings, Func<Shard, bool> owns)
    {
        _edges = settings.BucketEdges;
        _workersPerTask = settings.WorkersPerTask;
        _policy = settings.Policy;
        _owns = owns;
        _buckets = new BucketTally[_edges.BucketCount];
    }

    public int Count => _images.Count;

    public IReadOnlyDictionary<ImageHash, Contribution> Images => _images;

    /// <summary>The tasks at home here, by number.</summary>
    public IReadOnlyDictionary<TaskNumber, TaskProgress> Tasks => _tasks;

    /// <summary>
    /// Takes over what an image contributes. A version lower than or equal to the one held changes nothing, nor does an
    /// image of another range: it counts there.
    /// The verdict is decided anew under the view's policy, which may be newer than the row's.
    /// </summary>
    /// <returns>Whether anything changed.</returns>
    public bool Apply(ImageHash image, Contribution contribution)
    {
        if (!_owns(image.Shard)) return false;
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_images, image, out var isKnown);
        if (isKnown && contribution.Version <= held.Version) return false;
        lock (_counters)
        {
            if (isKnown) Account(held, -1);
            held = contribution with { Verdict = _policy.Decide(contribution.Confirms, contribution.Disconfirms) };
            Account(held, +1);
        }
        return true;
    }

    /// <summary>Decides every verdict anew. The counters are right when this returns; the rows follow later.</summary>
    public void ChangePolicy(VerdictPolicy policy)
    {
        _policy = policy;
        lock (_counters)
        {
            foreach (var (image, old) in _images)
            {
                var changed = old with { Verdict = policy.Decide(old.Confirms, old.Disconfirms) };
                if (changed.Verdict == old.Verdict) continue;
                Account(old, -1);
                _images[image] = changed;
                Account(changed, +1);
            }
        }
    }

    /// <summary>The counters as they are. From any thread at any time.</summary>
    public ClassTally Tally()
    {
        lock (_counters) return new([.. _buckets], _votes, _tasks.Count, _tasksDone, _lastVoteAt);
    }

    private void Account(in Contribution image, int sign)
    {
        ref var bucket = ref _buckets[_edges.IndexOf(image.Confidence)];
        bucket = bucket.Add(image.Verdict, sign);
        var votes = image.Confirms + image.Disconfirms;
        _votes += sign * votes;
        // The latest time only grows: a worker's vote is only ever replaced by a later one.
        if (image.LastVoteAt > _lastVoteAt) _lastVoteAt = image.LastVoteAt;
        if (image.Task is { } task && _owns(task.Home)) CountTask(task.Number, votes >= _workersPerTask, sign);
    }

    private void CountTask(TaskNumber number, bool imageDone, int sign)
    {
        ref var progress = ref CollectionsMarshal.GetValueRefOrAddDefault(_tasks, number, out _);
        if (progress.IsDone) _tasksDone--;
        progress = new TaskProgress(progress.Images + sign, progress.ImagesDone + (imageDone ? sign : 0));
        if (progress.IsDone) _tasksDone++;
        if (progress.Images == 0) _tasks.Remove(number);
    }
}

/// <summary>How many of a task's images lie in the view, and how many of those have all the votes the job asks for.</summary>
public readonly record struct TaskProgress(int Images, int ImagesDone)
{
    public bool IsDone => Images > 0 && Images == ImagesDone;
}

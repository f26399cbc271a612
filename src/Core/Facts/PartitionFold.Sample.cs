using System.Collections.Immutable;

namespace BulkQA.Core;

/// <content>Which tasks are in the job's sample.</content>
public sealed partial class PartitionFold
{
    /// <summary>Null where every task is to be answered.</summary>
    private TaskSample? _sample;

    /// <summary>Whether there may be tasks that are not in the sample.</summary>
    public bool IsSampling => _sample is not null;

    /// <summary>Draws the sample that the settings ask for; without any every task is in it.</summary>
    /// <param name="settings">The job's.</param>
    /// <param name="before">By bucket, the images in the class's earlier partitions; empty for none.</param>
    public void Draw(JobSettings settings, ImmutableArray<long> before)
    {
        lock (_counters)
            _sample = settings is { Sample: { } design, Order.Seed: { } seed } ? new TaskSample(this, design, seed, before) : null;
    }

    /// <summary>How many tasks are not in the sample.</summary>
    public int CountHeldBack()
    {
        lock (_counters) return _sample?.CountHeldBack() ?? 0;
    }

    /// <summary>Whether a known task is in the sample, so that answers to it are wanted.</summary>
    public bool IsSampled(TaskNumber task)
    {
        if (_sample is null) return true;
        lock (_counters) return _sample.Holds(task);
    }

    /// <summary>The bucket of a known task's first image that is not gold, by its index; null where all are gold. A sampled job's tasks are each of one bucket.</summary>
    internal int? BucketOf(TaskNumber task)
    {
        var known = _tasks[task.Value];
        for (var image = 0; image < known.Confidences.Length; image++)
            if (!known.IsGold(image)) return IndexOf(known.Confidences[image]);
        return null;
    }

    /// <summary>How many of a known task's images are not gold.</summary>
    internal int CountJudged(TaskNumber task)
    {
        var known = _tasks[task.Value];
        return known.Confidences.Length - known.Gold.Length;
    }
}

using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// Which tasks of a partition are in the job's sample: of each bucket so many, drawn by the seed of the job's order, as hold the images that the design asks
/// for, the last of them whole. A larger design only adds to a smaller one. For one thread at a time.
/// </summary>
/// <remarks>
/// Tasks are drawn and not images, but images were shuffled before they were cut: what is drawn of one import is a random sample of its images. A partition
/// that is not its class's first takes a part of the design as large as its part of the images so far.
/// </remarks>
/// <param name="fold">The partition's. Each of its tasks is of one bucket.</param>
/// <param name="design">How many images of a bucket.</param>
/// <param name="seed">Of the job's order.</param>
/// <param name="before">By bucket, the images in the class's earlier partitions; empty for none.</param>
internal sealed class TaskSample(PartitionFold fold, SampleDesign design, int seed, ImmutableArray<long> before)
{
    private readonly HashSet<int> _heldBack = [];
    private int _known;

    /// <summary>Tasks that are not in the sample.</summary>
    public int CountHeldBack()
    {
        Draw();
        return _heldBack.Count;
    }

    /// <summary>Whether a known task is in the sample.</summary>
    public bool Holds(TaskNumber task)
    {
        Draw();
        return !_heldBack.Contains(task.Value);
    }

    /// <summary>Draws anew once tasks have come: a larger bucket may ask for more.</summary>
    private void Draw()
    {
        if (_known == fold.TaskCount) return;
        _known = fold.TaskCount;
        _heldBack.Clear();
        foreach (var bucket in fold.Tasks.GroupBy(fold.BucketOf))
        {
            // A batch of nothing but gold.
            if (bucket.Key is not { } index) continue;
            var images = bucket.Sum(task => (long)fold.CountJudged(task));
            var earlier = before.IsEmpty ? 0 : before[index];
            var wanted = design.SizeOf(earlier + images) * (double)images / (earlier + images);
            foreach (var task in bucket.OrderBy(task => ShuffleKey.Of(seed, task)).ThenBy(task => task.Value))
            {
                if (wanted <= 0) _heldBack.Add(task.Value);
                wanted -= fold.CountJudged(task);
            }
        }
    }
}

using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>What a partition knows while it is warm: the job, the view of its images, and the board of its tasks.</summary>
internal sealed class PartitionView(JobInfo job, long epoch, int partitions, ClassView images, TaskBoard board)
{
    private const int MaxWorkers = 10_000;

    private readonly HashSet<WorkerId> _workers = [];

    public JobInfo Job { get; set; } = job;

    /// <summary>The epoch this view was built under; the stored one must still be the same for an acknowledgement.</summary>
    public long Epoch { get; } = epoch;

    public int Partitions { get; } = partitions;

    public ClassView Images { get; } = images;

    public TaskBoard Board { get; } = board;

    /// <summary>Who voted on any of the images; beyond <see cref="MaxWorkers"/> no more are remembered.</summary>
    public IReadOnlySet<WorkerId> Workers => _workers;

    public bool RemembersAllWorkers => _workers.Count < MaxWorkers;

    public void Remember(WorkerId worker)
    {
        if (_workers.Count < MaxWorkers) _workers.Add(worker);
    }

    /// <summary>This view with the board of another, whose leases and hints are as good as before.</summary>
    public PartitionView With(TaskBoard other)
    {
        var view = new PartitionView(Job, Epoch, Partitions, Images, other);
        view._workers.UnionWith(_workers);
        return view;
    }

    /// <summary>A view without images.</summary>
    public static PartitionView Empty(JobInfo job, long epoch, int partitions, int firstShard, TimeSpan leaseDuration) => new(
        job, epoch, partitions,
        new ClassView(job.Settings, shard => PartitionRange.FirstShard(shard, partitions) == firstShard), new TaskBoard(leaseDuration));

    /// <summary>Folds the rows of a range of shards, read strongly consistent.</summary>
    public static async Task<PartitionView> BuildAsync(
        JobInfo job, long epoch, int partitions, ClassAddress address, int firstShard, ILabelTable table, TimeSpan leaseDuration,
        CancellationToken cancellation)
    {
        var view = Empty(job, epoch, partitions, firstShard, leaseDuration);
        var votes = new Dictionary<(TaskNumber Task, WorkerId Worker), int>();
        for (var shard = firstShard; shard < firstShard + (Shard.Count / partitions); shard++)
        {
            await foreach (var row in table.ReadAllAsync(address, new Shard(shard), cancellation))
            {
                view.Images.Apply(ImageHash.Of(row.Address.Url), row.Contribution);
                foreach (var vote in row.Votes.Votes) view.Remember(vote.Worker);
                if (row.Task is not { } task) continue;
                foreach (var vote in row.Votes.Votes)
                {
                    var key = (task.Number, vote.Worker);
                    votes[key] = votes.GetValueOrDefault(key) + 1;
                }
            }
        }
        foreach (var ((task, worker), count) in votes)
            if (view.Images.Tasks.TryGetValue(task, out var progress) && progress.Images == count) view.Board.Answered(task, worker);
        return view;
    }
}

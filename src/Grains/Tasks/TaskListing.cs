using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>A task with its class, its content and how far it is.</summary>
public sealed record ListedTask(Label Label, TaskContent Content, TaskStatus Status);

/// <summary>A job's tasks by number.</summary>
public sealed class TaskListing(IGrainFactory grains, IFactStore facts)
{
    private const int BlocksAtOnce = 100;

    /// <summary>How many numbers the job has given out: every task's number is below it.</summary>
    public Task<int> CountNumbersAsync(JobInfo job) => grains.GetGrain<ITaskNumbersGrain>(job.Incarnation.Value).CountAsync();

    /// <summary>One task; null where there is none.</summary>
    public async Task<LabeledTask?> FindAsync(JobInfo job, TaskNumber task)
    {
        if (await facts.ReadBlocksAsync(job.Incarnation, task, 1) is not [var block] || !block.Holds(task)) return null;
        await foreach (var content in facts.ReadTasksAsync(PartitionOf(job, block), task, task)) return new LabeledTask(block.Label, content);
        return null;
    }

    /// <summary>One task with every submission to it; null where there is none.</summary>
    public async Task<(Label Label, AnsweredTask Task)?> FindAnsweredAsync(JobInfo job, TaskNumber task)
    {
        if (await facts.ReadBlocksAsync(job.Incarnation, task, 1) is not [var block] || !block.Holds(task)) return null;
        await foreach (var found in facts.ReadAnsweredAsync(PartitionOf(job, block), task, task)) return (block.Label, found);
        return null;
    }

    /// <summary>A worker can't answer a task now, and gets others for a while; false where there is no such task.</summary>
    public async Task<bool> PassAsync(JobInfo job, TaskNumber task, WorkerId worker) =>
        await facts.ReadBlocksAsync(job.Incarnation, task, 1) is [var block] && block.Holds(task)
        && await grains.GetGrain<IPartitionGrain>(PartitionOf(job, block).Home.Key).PassAsync(task, worker);

    /// <summary>Keeps a task for the worker who holds it, as <see cref="IPartitionGrain.RenewHoldAsync"/> does; null where there is no such task.</summary>
    public Task<TaskHold?> RenewAsync(JobInfo job, TaskNumber task, WorkerId worker) => HoldAsync(job, task, partition => partition.RenewHoldAsync(task, worker));

    /// <summary>Why the job's assignment does not take an answer that is about to be sent, as <see cref="IDispatchGrain.LetInAsync"/> says; null where it does.</summary>
    public async Task<WorkRefusal?> LetInAsync(JobInfo job, TaskNumber task, WorkerId worker) =>
        await facts.ReadBlocksAsync(job.Incarnation, task, 1) is [var block] && block.Holds(task)
            ? await grains.GetGrain<IDispatchGrain>(job.Incarnation.Value).LetInAsync(worker, task, PartitionOf(job, block).Home.Key) : null;

    /// <summary>Whether a worker has answered every image of a task.</summary>
    public async Task<bool> HasAnsweredAsync(JobInfo job, TaskNumber task, WorkerId worker) =>
        await LookAtHoldAsync(job, task, worker) is { State: HoldState.Answered };

    /// <summary>How a worker stands to a task; null where there is no such task.</summary>
    public Task<TaskHold?> LookAtHoldAsync(JobInfo job, TaskNumber task, WorkerId worker) => HoldAsync(job, task, partition => partition.LookAtHoldAsync(task, worker));

    /// <summary>
    /// The task that a worker is likely to be given in the job after one that it holds. Nothing is kept for it, and it may get another one. After a batch of nothing but
    /// gold, or of images in doubt, nothing can be said, and any task of the class is named, so that such a batch can't be told by it. Null where there is none, where
    /// the job's limits give it no further one, and where the job says how many answers each team gives: then it depends on what others do.
    /// </summary>
    public async Task<TaskNumber?> LookAheadAsync(JobInfo job, TaskNumber held, WorkerId worker)
    {
        var limits = job.Settings.Assignment;
        if (job.State != JobState.Open || !limits.Answers.IsEmpty) return null;
        if (await facts.ReadBlocksAsync(job.Incarnation, held, 1) is not [var block] || !block.Holds(held)) return null;
        if (PartitionOf(job, block) is { IsFollowUps: true } or { IsGold: true }) return await FindAnyAsync(job, block.Label);
        if (limits.HasLimits && await grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(job.Incarnation, worker)).FindRefusalAfterAsync(limits, held) is not null) return null;
        return await grains.GetGrain<IPartitionGrain>(PartitionOf(job, block).Key).LookAheadAsync(held, worker);
    }

    /// <summary>A task of a class among the first of the job.</summary>
    private async Task<TaskNumber?> FindAnyAsync(JobInfo job, Label label)
    {
        foreach (var block in await facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(0), BlocksAtOnce))
            if (block.Label == label && PartitionOf(job, block) is { IsFollowUps: false, IsGold: false }) return block.First;
        return null;
    }

    private async Task<TaskHold?> HoldAsync(JobInfo job, TaskNumber task, Func<IPartitionGrain, Task<TaskHold>> ask) =>
        await facts.ReadBlocksAsync(job.Incarnation, task, 1) is [var block] && block.Holds(task)
            ? await ask(grains.GetGrain<IPartitionGrain>(PartitionOf(job, block).Home.Key)) is { State: not HoldState.Unknown } hold ? hold : null
            : null;

    /// <summary>
    /// The tasks numbered from <paramref name="first"/> on, <paramref name="count"/> numbers of them. Follow-ups are not among them: their images are those of other
    /// tasks.
    /// </summary>
    /// <param name="job">Whose.</param>
    /// <param name="first">From 0.</param>
    /// <param name="count">From 0.</param>
    /// <param name="withGold">Whether batches of nothing but gold, which are there to qualify workers, are among them.</param>
    public async Task<IReadOnlyList<ListedTask>> ReadAsync(JobInfo job, int first, int count, bool withGold = false)
    {
        var tasks = new List<ListedTask>();
        var end = first + count;
        while (first < end)
        {
            var blocks = await facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(first), BlocksAtOnce);
            var parts = await Task.WhenAll(blocks.Where(block => block.First.Value < end && !PartitionOf(job, block).IsFollowUps && (withGold || block.Partition != PartitionAddress.GoldNumber)).Select(block => ReadAsync(job, block, first, end)));
            tasks.AddRange(parts.SelectMany(part => part));
            if (blocks.Count < BlocksAtOnce) break;
            first = blocks[^1].End;
        }
        return tasks;
    }

    private async Task<List<ListedTask>> ReadAsync(JobInfo job, TaskBlock block, int first, int end)
    {
        var contents = new List<TaskContent>();
        var (from, to) = (Math.Max(first, block.First.Value), Math.Min(end, block.End) - 1);
        await foreach (var content in facts.ReadTasksAsync(PartitionOf(job, block), new TaskNumber(from), new TaskNumber(to))) contents.Add(content);
        if (contents.Count == 0) return [];
        var partition = grains.GetGrain<IPartitionGrain>(PartitionOf(job, block).Key);
        var statuses = (await partition.GetTasksAsync([.. contents.Select(content => content.Number)])).ToImmutableDictionary(status => status.Task);
        // One that the partition doesn't know is of an import that is under way.
        return [.. contents.Where(content => statuses.ContainsKey(content.Number)).Select(content => new ListedTask(block.Label, content, statuses[content.Number]))];
    }

    private static PartitionAddress PartitionOf(JobInfo job, TaskBlock block) => new(new ClassAddress(job.Incarnation, block.Label), block.Partition);
}

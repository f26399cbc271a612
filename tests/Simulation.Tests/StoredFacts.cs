using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>A task as it is stored, with the answers that stand, by worker, for each of its images.</summary>
internal sealed record StoredTask(PartitionAddress Partition, TaskContent Content, ImmutableArray<Dictionary<WorkerId, StandingAnswer>> Answers)
{
    /// <summary>Workers whose answers do not count.</summary>
    public IReadOnlySet<WorkerId> Uncounted { get; init; } = new HashSet<WorkerId>();

    public Label Label => Partition.Class.Label;

    /// <summary>The indices of images that are to be judged: all but gold.</summary>
    public IEnumerable<int> Judged => Enumerable.Range(0, Answers.Length).Where(image => Content.Images[image].Gold is null);

    /// <summary>Workers who answered every image.</summary>
    public IEnumerable<WorkerId> Whole => Answers[0].Keys.Where(worker => Answers.All(image => image.ContainsKey(worker)));

    /// <summary>Those of them whose answers count.</summary>
    public int CountWhole => Whole.Count(worker => !Uncounted.Contains(worker));

    public bool IsDone(int workersPerTask) => Enumerable.Range(0, Answers.Length).All(image => Counted(image).Count() >= workersPerTask);

    /// <summary>The answers to an image that count.</summary>
    public IEnumerable<KeyValuePair<WorkerId, StandingAnswer>> Counted(int image) => Answers[image].Where(answer => !Uncounted.Contains(answer.Key));

    public int Count(int image, AnswerKind kind) => Counted(image).Count(answer => answer.Value.Kind == kind);
}

/// <summary>Everything that is stored of a job, read and folded without any of the code under test.</summary>
internal sealed class StoredFacts
{
    private StoredFacts(IReadOnlyList<StoredTask> tasks, IReadOnlyList<TaskBlock> blocks)
    {
        (Tasks, Gold, Blocks) = ([.. tasks.Where(task => !task.Partition.IsGold)], [.. tasks.Where(task => task.Partition.IsGold)], blocks);
        foreach (var task in tasks)
            for (var image = 0; image < task.Answers.Length; image++)
                foreach (var (worker, answer) in task.Answers[image]) Answers[ExpectedAnswers.KeyOf(task.Label, task.Content, image, worker)] = answer;
    }

    /// <summary>Those that are handed out.</summary>
    public IReadOnlyList<StoredTask> Tasks { get; }

    /// <summary>Those of nothing but gold.</summary>
    public IReadOnlyList<StoredTask> Gold { get; }

    public IReadOnlyList<TaskBlock> Blocks { get; }

    public Dictionary<AnswerKey, StandingAnswer> Answers { get; } = [];

    public IEnumerable<PartitionAddress> Partitions => Tasks.Concat(Gold).Select(task => task.Partition).Distinct();

    /// <param name="facts">Where they are stored.</param>
    /// <param name="incarnation">The job's life.</param>
    /// <param name="uncounted">Workers whose answers do not count; null for none.</param>
    public static async Task<StoredFacts> ReadAsync(IFactStore facts, Incarnation incarnation, IReadOnlySet<WorkerId>? uncounted = null)
    {
        var (first, last) = (new TaskNumber(0), new TaskNumber(int.MaxValue));
        var tasks = new List<StoredTask>();
        var blocks = await facts.ReadBlocksAsync(incarnation, first, int.MaxValue);
        foreach (var partition in blocks.Select(block => new PartitionAddress(new ClassAddress(incarnation, block.Label), block.Partition)).Distinct().Where(partition => !partition.IsFollowUps))
        {
            tasks.AddRange((await ReadAsync(facts, partition, first, last)).Select(task => uncounted is null ? task : task with { Uncounted = uncounted }));
        }
        return new StoredFacts(tasks, blocks);
    }

    /// <summary>Tasks of one partition, in the order of their numbers.</summary>
    public static async Task<IReadOnlyCollection<StoredTask>> ReadAsync(IFactStore facts, PartitionAddress partition, TaskNumber first, TaskNumber last)
    {
        // Before the tasks that they are of, which are stored before them.
        var submissions = await facts.ReadSubmissionsAsync(partition, first, last).ToListAsync();
        var tasks = new OrderedDictionary<TaskNumber, StoredTask>();
        await foreach (var content in facts.ReadTasksAsync(partition, first, last))
            tasks[content.Number] = new StoredTask(partition, content, [.. content.Images.Select(_ => new Dictionary<WorkerId, StandingAnswer>())]);
        foreach (var submission in submissions)
        {
            Calls.Require(tasks.TryGetValue(submission.Task, out var task), $"{submission} is of no task");
            Take(task!, submission);
        }
        return tasks.Values;
    }

    private static void Take(StoredTask task, Submission submission)
    {
        Calls.Require(submission.Answers.Count == task.Content.Images.Length, $"{submission} does not fit {task.Content.Images.Length} images");
        for (var image = 0; image < submission.Answers.Count; image++)
            if (submission.Answers[image] != AnswerKind.None) ExpectedAnswers.Fold(task.Answers[image], submission.Worker, new StandingAnswer(submission.At.UtcTicks, submission.Answers[image]));
    }
}

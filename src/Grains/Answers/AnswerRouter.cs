using System.Collections.Concurrent;
using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>One worker's answer to one image of a class.</summary>
public readonly record struct UrlAnswer(ImageUrl Url, ImageAnswer Answer);

/// <summary>An answer to an image of a follow-up that was not taken, though others of the same submission were.</summary>
/// <param name="Submission">Which of those that were sent, from 0.</param>
/// <param name="Image">Which of its images, from 0.</param>
/// <param name="Outcome">Why.</param>
public readonly record struct RefusedAnswer(int Submission, int Image, SubmissionOutcome Outcome);

/// <summary>Takes answers to the partitions that own their tasks, in one call a partition.</summary>
public sealed class AnswerRouter(IGrainFactory grains, IFactStore facts)
{
    /// <summary>Lives of jobs whose blocks are remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedJobs = 1_000;

    /// <summary>Blocks that are remembered of a job.</summary>
    private const int MaxRememberedBlocks = 20_000;

    /// <summary>By job, its blocks that were asked for, ordered by number. A block never changes.</summary>
    private readonly ConcurrentDictionary<Incarnation, ImmutableArray<TaskBlock>> _blocks = new();

    /// <summary>What became of each submission, in order; null where the job is deleted. Durable on return.</summary>
    /// <param name="incarnation">Whose tasks they are of.</param>
    /// <param name="submissions">Each with one answer, or none, for each image of its task.</param>
    /// <param name="refused">
    /// Takes what was not taken of submissions that were accepted: an answer to a follow-up goes to several tasks, and one of them may have no room for it.
    /// </param>
    public async Task<ImmutableArray<SubmissionOutcome>?> SubmitAsync(Incarnation incarnation, ImmutableArray<Submission> submissions, ICollection<RefusedAnswer>? refused = null)
    {
        var outcomes = new SubmissionOutcome[submissions.Length];
        var indices = new Dictionary<PartitionAddress, List<int>>();
        var further = new List<(int Index, PartitionAddress FollowUps)>();
        for (var index = 0; index < submissions.Length; index++)
        {
            if (await FindAsync(incarnation, submissions[index].Task) is not { } partition) outcomes[index] = SubmissionOutcome.UnknownTask;
            else if (partition.IsFollowUps) further.Add((index, partition));
            else if (indices.TryGetValue(partition, out var known)) known.Add(index);
            else indices[partition] = [index];
        }
        return await SubmitAsync(indices, index => submissions[index], arePartial: false, outcomes) && await SubmitFurtherAsync(submissions, further, outcomes, refused)
            ? ImmutableArray.Create(outcomes) : null;
    }

    /// <summary>
    /// Takes answers to follow-ups to the tasks that their images are of, as partial ones of the same worker and time: so they count, replace and are told of as any
    /// others. How long the worker took is left out, because it is the time of all of them.
    /// </summary>
    private async Task<bool> SubmitFurtherAsync(
        ImmutableArray<Submission> submissions, List<(int Index, PartitionAddress FollowUps)> further, SubmissionOutcome[] outcomes, ICollection<RefusedAnswer>? refused)
    {
        if (further.Count == 0) return true;
        var (parts, partitions) = (new List<(int Index, ImmutableArray<int> Images, Submission Part)>(), new Dictionary<PartitionAddress, List<int>>());
        foreach (var (index, followUps) in further)
        {
            var submission = submissions[index];
            var content = await facts.ReadTasksAsync(followUps, submission.Task, submission.Task).FirstOrDefaultAsync();
            if (content is null || content.Images.Length != submission.Answers.Count)
            {
                outcomes[index] = content is null ? SubmissionOutcome.UnknownTask : SubmissionOutcome.OtherImages;
                continue;
            }
            if (!partitions.TryGetValue(followUps.Home, out var own)) partitions[followUps.Home] = own = [];
            foreach (var task in Enumerable.Range(0, content.Images.Length).GroupBy(image => content.Images[image].Spot!.Value.Task))
            {
                var kinds = new AnswerKind[task.Max(image => content.Images[image].Spot!.Value.Index) + 1];
                foreach (var image in task) kinds[content.Images[image].Spot!.Value.Index] = submission.Answers[image];
                if (kinds.All(kind => kind == AnswerKind.None)) continue;
                own.Add(parts.Count);
                parts.Add((index, [.. task], submission with { Task = task.Key, Answers = TaskAnswers.Of(kinds), Taken = null }));
            }
        }
        var found = new SubmissionOutcome[parts.Count];
        if (!await SubmitAsync(partitions, part => parts[part].Part, arePartial: true, found)) return false;
        foreach (var taken in parts.Zip(found).GroupBy(part => part.First.Index))
        {
            var others = taken.Where(part => part.Second != SubmissionOutcome.Accepted).ToList();
            if (others.Count == taken.Count()) outcomes[taken.Key] = others[0].Second;
            else foreach (var ((_, images, _), outcome) in others)
                foreach (var image in images) refused?.Add(new RefusedAnswer(taken.Key, image, outcome));
        }
        return true;
    }

    /// <summary>
    /// What became of each answer to an image of a class, in order; null where the job is deleted. Durable on return. Answers of
    /// one worker to one task at one time become one submission.
    /// </summary>
    public async Task<ImmutableArray<SubmissionOutcome>?> SubmitAsync(ClassAddress address, IReadOnlyList<UrlAnswer> answers, AnswerSource source)
    {
        var outcomes = new SubmissionOutcome[answers.Count];
        var urls = answers.Select(answer => answer.Url).Distinct().ToList();
        var places = urls.Zip(await facts.FindAsync(address, urls)).ToDictionary();
        var groups = Enumerable.Range(0, answers.Count).Where(index => places[answers[index].Url] is not null)
            .GroupBy(index => (Place: places[answers[index].Url]!.Value with { Index = 0 }, answers[index].Answer.Worker, answers[index].Answer.At)).ToList();
        for (var index = 0; index < answers.Count; index++)
            if (places[answers[index].Url] is null) outcomes[index] = SubmissionOutcome.UnknownTask;
        var partitions = Enumerable.Range(0, groups.Count).GroupBy(group => new PartitionAddress(address, groups[group].Key.Place.Partition)).ToDictionary(part => part.Key, part => part.ToList());
        var groupOutcomes = new SubmissionOutcome[groups.Count];
        if (!await SubmitAsync(partitions, group => SubmissionOf(groups[group].Key.Place.Task, [.. groups[group].Select(index => (places[answers[index].Url]!.Value.Index, answers[index].Answer))], source), arePartial: true, groupOutcomes))
            return null;
        foreach (var (group, outcome) in groups.Zip(groupOutcomes))
            foreach (var index in group) outcomes[index] = outcome;
        return ImmutableArray.Create(outcomes);
    }

    private async Task<bool> SubmitAsync(Dictionary<PartitionAddress, List<int>> indices, Func<int, Submission> submission, bool arePartial, SubmissionOutcome[] outcomes)
    {
        var calls = indices.SelectMany(partition => partition.Value.Chunk(Submissions.MaxSubmissions).Select(async chunk =>
        {
            var receipt = await grains.GetGrain<IPartitionGrain>(partition.Key.Key).SubmitAsync(new Submissions([.. chunk.Select(submission)], arePartial));
            if (receipt.IsGone) return false;
            foreach (var (index, outcome) in chunk.Zip(receipt.Outcomes)) outcomes[index] = outcome;
            return true;
        }));
        return (await Task.WhenAll(calls)).All(taken => taken);
    }

    /// <summary>One submission of one worker's answers at one time; of two to one image the one that stands.</summary>
    private static Submission SubmissionOf(TaskNumber task, IReadOnlyList<(int Index, ImageAnswer Answer)> answers, AnswerSource source)
    {
        var kinds = new AnswerKind[answers.Max(answer => answer.Index) + 1];
        foreach (var (index, answer) in answers)
            if (answer.Kind > kinds[index]) kinds[index] = answer.Kind;
        return new Submission(task, answers[0].Answer.Worker, answers[0].Answer.At, TaskAnswers.Of(kinds), source);
    }

    /// <summary>Which partition a task is of; null where nobody has its number.</summary>
    private async ValueTask<PartitionAddress?> FindAsync(Incarnation incarnation, TaskNumber task)
    {
        if (!_blocks.TryGetValue(incarnation, out var known)) known = [];
        var index = IndexOf(known, task);
        if (index < known.Length && known[index].Holds(task)) return PartitionOf(known[index]);
        if (await facts.ReadBlocksAsync(incarnation, task, 1) is not [var read] || !read.Holds(task)) return null;
        if (_blocks.Count >= MaxRememberedJobs) _blocks.Clear();
        _blocks[incarnation] = known.Length >= MaxRememberedBlocks ? [read] : known.Insert(index, read);
        return PartitionOf(read);

        PartitionAddress PartitionOf(TaskBlock block) => new(new ClassAddress(incarnation, block.Label), block.Partition);
    }

    /// <summary>Where the first block is that does not end before the task.</summary>
    private static int IndexOf(ImmutableArray<TaskBlock> blocks, TaskNumber task)
    {
        var (low, high) = (0, blocks.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (blocks[middle].End <= task.Value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

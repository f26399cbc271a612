using System.Collections.Concurrent;
using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>Takes the votes of one message to their images.</summary>
public sealed class TaskVotesHandler(IGrainFactory grains, ClassRouter router, TimeProvider time)
{
    /// <summary>Jobs whose classes are remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRememberedJobs = 1_000;

    private readonly ConcurrentDictionary<Incarnation, ImmutableArray<Label>> _classes = new();

    /// <summary>Durable on return, but for what the returned problems name. Repeating it is harmless.</summary>
    /// <exception cref="BadInputException">Nothing of the message can count, and the reason why.</exception>
    public async Task<IReadOnlyList<string>> HandleAsync(TaskVotesMessage message, ImmutableArray<string> unreadable)
    {
        if (message.SubmittedAt.AheadProblem(time.GetUtcNow()) is { } ahead) throw new BadInputException($"submittedAt: {ahead}");
        var incarnation = message.Incarnation ?? (await grains.GetGrain<IJobGrain>(message.Job.Key).GetAsync())?.Incarnation
            ?? throw new BadInputException($"there is no job '{message.Job}'");
        var classes = message.Images.GroupBy(image => image.Label).ToList();
        var known = await ClassesAsync(incarnation, [.. classes.Select(group => group.Key)]);
        // Only the whole task, all of one class, tells who has answered it.
        var task = classes.Count == 1 && unreadable.IsEmpty ? message.Task : null;
        var problems = await Task.WhenAll(classes.Select(group => known.BinarySearch(group.Key) >= 0
            ? VoteAsync(new ClassAddress(incarnation, group.Key), task, [.. group], message.SubmittedAt)
            : Task.FromResult<IEnumerable<string>>(group.Select(NeverImported).ToList())));
        return [.. unreadable, .. problems.SelectMany(found => found)];
    }

    private async Task<IEnumerable<string>> VoteAsync(
        ClassAddress address, TaskNumber? task, ImmutableArray<MessageImage> images, SubmissionTime at)
    {
        var votes = images.Select(image => new ImageVotes(
            image.Url, image.Confidence, [.. image.Answers.Select(answer => new Vote(answer.Key, answer.Value, at))]));
        var outcomes = await router.VoteAsync(address, new ClassVotes(task, [.. votes])) ?? throw Deleted(address.Incarnation);
        return images.Zip(outcomes, (image, outcome) => outcome.Kind switch
        {
            VoteOutcome.UnknownImage => NeverImported(image),
            VoteOutcome.TooManyWorkers => $"'{image.Url}' has the votes of {VoteSet.MaxWorkers} workers, which is the most; no room for {string.Join(", ", outcome.Refused)}",
            _ => null,
        }).OfType<string>().ToList();
    }

    /// <summary>The job's classes: as remembered where that has all of the labels, as the job says otherwise.</summary>
    private async Task<ImmutableArray<Label>> ClassesAsync(Incarnation incarnation, ImmutableArray<Label> labels)
    {
        if (_classes.TryGetValue(incarnation, out var remembered) && labels.All(label => remembered.BinarySearch(label) >= 0)) return remembered;
        var classes = await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetClassesAsync(incarnation) ?? throw Deleted(incarnation);
        if (_classes.Count >= MaxRememberedJobs) _classes.Clear();
        return _classes[incarnation] = classes;
    }

    private static BadInputException Deleted(Incarnation incarnation) => new($"job '{incarnation}' is deleted, or never was");

    private static string NeverImported(MessageImage image) => $"'{image.Url}' was never imported with the label '{image.Label}'";
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>Reads tasks together with the answers to them, straight from the facts.</summary>
public static class TaskReading
{
    /// <summary>Stored tasks with their submissions and adjudications, in the order of their numbers, strongly consistent.</summary>
    /// <param name="facts">Where they lie.</param>
    /// <param name="partition">The partition they are of.</param>
    /// <param name="first">The first number.</param>
    /// <param name="last">The last number, included.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async IAsyncEnumerable<AnsweredTask> ReadAnsweredAsync(
        this IFactStore facts, PartitionAddress partition, TaskNumber first, TaskNumber last, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var submissions = facts.ReadSubmissionsAsync(partition, first, last, cancellation).GetAsyncEnumerator(cancellation);
        var more = await submissions.MoveNextAsync();
        await using var adjudications = facts.ReadAdjudicationsAsync(partition, first, last, cancellation).GetAsyncEnumerator(cancellation);
        var decided = await adjudications.MoveNextAsync();
        await foreach (var content in facts.ReadTasksAsync(partition, first, last, cancellation))
        {
            var own = ImmutableArray.CreateBuilder<Submission>();
            for (; more && submissions.Current.Task <= content.Number; more = await submissions.MoveNextAsync())
                if (submissions.Current.Task == content.Number) own.Add(submissions.Current);
            var about = ImmutableArray.CreateBuilder<Adjudication>();
            for (; decided && adjudications.Current.Task <= content.Number; decided = await adjudications.MoveNextAsync())
                if (adjudications.Current.Task == content.Number) about.Add(adjudications.Current);
            yield return new AnsweredTask(content, own.ToImmutable(), about.ToImmutable());
        }
    }

    /// <summary>All tasks of a class, partition by partition.</summary>
    public static async IAsyncEnumerable<AnsweredTask> ReadAnsweredAsync(
        this IFactStore facts, IGrainFactory grains, ClassAddress address, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var partition in await grains.ListPartitionsAsync(address))
            await foreach (var task in facts.ReadAnsweredAsync(partition, new TaskNumber(0), new TaskNumber(int.MaxValue), cancellation))
                yield return task;
    }

    /// <summary>The image at that index, with all answers to it.</summary>
    public static AnsweredImage ImageAt(this AnsweredTask task, int index) =>
        new(task.Content.Images[index], task.Content.Number, [.. task.HistoryOf(index)]) { Adjudications = [.. task.AdjudicationsOf(index)] };

    /// <summary>The image at that index, with how each of its answers came.</summary>
    public static ImageHistory HistoryAt(this AnsweredTask task, int index) => new(task.ImageAt(index), [.. task.SubmissionsTo(index).Select(
        submission => new GivenAnswer(AnsweredTask.AnswerOf(submission, index), submission.Source, submission.Start, submission.Taken))]);
}

using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A task with its content and how far it is.</summary>
public sealed record ListedTask(TaskContent Content, TaskStatus Status);

/// <summary>
/// A job's tasks by number. Only those that rows belong to: a failed import may leave a task's content without any.
/// </summary>
public sealed class TaskListing(IGrainFactory grains)
{
    /// <summary>How many numbers the job has given out: every task's number is below it.</summary>
    public Task<int> CountNumbersAsync(JobInfo job) => grains.GetGrain<IJobGrain>(job.Name.Key).CountTaskNumbersAsync(job.Incarnation);

    /// <summary>The tasks numbered from <paramref name="first"/> on, <paramref name="count"/> numbers of them.</summary>
    public async Task<IReadOnlyList<ListedTask>> ReadAsync(JobInfo job, int first, int count)
    {
        var numbers = Enumerable.Range(first, count).Select(number => new TaskNumber(number)).ToImmutableArray();
        var contents = await Task.WhenAll(numbers.Select(number =>
            grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, number)).GetAsync()));
        var labels = contents.OfType<TaskContent>().Select(content => content.Label).Distinct();
        var statuses = (await Task.WhenAll(labels.Select(label =>
            grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key).GetTasksAsync(numbers))))
            .SelectMany(found => found).ToDictionary(status => status.Task);
        return [.. numbers.Zip(contents)
            .Where(pair => pair.Second is not null && statuses.ContainsKey(pair.First))
            .Select(pair => new ListedTask(pair.Second!, statuses[pair.First]))];
    }
}

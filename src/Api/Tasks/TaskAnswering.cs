using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>How an answer to a task ended.</summary>
/// <param name="Accepted">Votes durable now.</param>
/// <param name="Problems">Images that took no more votes; those of the others count.</param>
/// <param name="Gone">The job was deleted meanwhile.</param>
internal sealed record AnswerResult(int Accepted, IReadOnlyList<string> Problems, bool Gone);

/// <summary>Takes workers' answers to whole tasks: the REST endpoint, the worker page and the simulated workers alike.</summary>
internal sealed class TaskAnswering(IGrainFactory grains, ClassRouter router)
{
    public Task<TaskContent?> ReadAsync(JobInfo job, TaskNumber task) =>
        grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, task)).GetAsync();

    /// <summary>Votes on every image of the task: durable on return, and harmless to repeat.</summary>
    public async Task<AnswerResult> AnswerAsync(
        JobInfo job, TaskNumber task, TaskContent content, WorkerId worker, IReadOnlyList<bool> confirmed, SubmissionTime at)
    {
        var votes = new ClassVotes(task, [.. content.Images.Select((image, index) =>
            new ImageVotes(image.Url, null, [new Vote(worker, confirmed[index], at)]))]);
        if (await router.VoteAsync(new ClassAddress(job.Incarnation, content.Label), votes) is not { } outcomes)
            return new AnswerResult(0, [], Gone: true);
        // An image without a row is what a crash in the middle of an import leaves: it is in another task by now.
        var problems = outcomes.Zip(content.Images)
            .Where(pair => pair.First.Kind == VoteOutcome.TooManyWorkers)
            .Select(pair => $"{pair.Second.Url} has the votes of {VoteSet.MaxWorkers} workers, which is the most")
            .ToList();
        return new AnswerResult(outcomes.Count(outcome => outcome.Kind == VoteOutcome.Accepted), problems, Gone: false);
    }
}

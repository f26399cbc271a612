using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Takes workers' answers to whole tasks: the REST endpoint, the worker page and the simulated workers alike.</summary>
internal sealed class TaskAnswering(TaskListing tasks, AnswerRouter router)
{
    public Task<LabeledTask?> ReadAsync(JobInfo job, TaskNumber task) => tasks.FindAsync(job, task);

    /// <summary>Takes a worker's answers to every image of a task: durable on return, and harmless to repeat.</summary>
    /// <param name="job">Whose task.</param>
    /// <param name="submission">The answers.</param>
    /// <param name="refused">As of <see cref="AnswerRouter.SubmitAsync(Incarnation, System.Collections.Immutable.ImmutableArray{Submission}, ICollection{RefusedAnswer}?)"/>.</param>
    /// <returns>Null where the job was deleted meanwhile.</returns>
    public async Task<SubmissionOutcome?> AnswerAsync(JobInfo job, Submission submission, ICollection<RefusedAnswer>? refused = null) =>
        (await router.SubmitAsync(job.Incarnation, [submission], refused))?[0];
}

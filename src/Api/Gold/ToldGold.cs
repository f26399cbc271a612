using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// What a worker said of gold before it was told what is known of it. That stands: whoever knows the truth by then has nothing to say of it, least of all where it
/// qualifies by it.
/// </summary>
internal static class ToldGold
{
    /// <summary>Whether the worker was told how it did on gold of the task.</summary>
    /// <exception cref="Exception">The store does not answer.</exception>
    public static async Task<bool> IsAnyAsync(JobInfo job, LabeledTask content, WorkerId worker, TaskListing tasks) => (await FindAsync(job, content, worker, tasks)).Any();

    /// <summary>Whether answers say other than what stands.</summary>
    /// <param name="job">Whose task.</param>
    /// <param name="content">The task.</param>
    /// <param name="worker">Who answers.</param>
    /// <param name="answers">One an image.</param>
    /// <param name="tasks">Finds what was said before.</param>
    public static async Task<bool> ContradictsAsync(JobInfo job, LabeledTask content, WorkerId worker, IReadOnlyList<AnswerKind> answers, TaskListing tasks) =>
        (await FindAsync(job, content, worker, tasks)).Any(said => answers[said.Index] != said.Kind);

    /// <summary>Gold that was shown to the worker, with what it said. Of jobs that tell, and of tasks with gold; others cost nothing.</summary>
    private static async Task<IEnumerable<(int Index, AnswerKind Kind)>> FindAsync(JobInfo job, LabeledTask content, WorkerId worker, TaskListing tasks)
    {
        if (!job.Settings.Work.GoldFeedback || !content.Images.Any(image => image.Gold is not null) || await tasks.FindAnsweredAsync(job, content.Content.Number) is not { Task: var task }) return [];
        return content.Images.Index().Where(image => image.Item.Gold is not null)
            .Select(image => (image.Index, Said: task.SubmissionsTo(image.Index).LastOrDefault(submission => submission.Worker == worker)))
            .Where(said => said.Said is not null && said.Said.Answers[said.Index] != AnswerKind.NotSeen).Select(said => (said.Index, said.Said!.Answers[said.Index]));
    }
}

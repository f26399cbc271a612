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
    public static async Task<bool> IsAnyAsync(JobInfo job, TaskNumber task, WorkerId worker, TaskListing tasks) => (await FindAsync(job, task, worker, tasks)).Any();

    /// <summary>Whether answers say other than what stands.</summary>
    /// <param name="job">Whose task.</param>
    /// <param name="content">The task.</param>
    /// <param name="worker">Who answers.</param>
    /// <param name="answers">One an image.</param>
    /// <param name="tasks">Finds what was said before.</param>
    public static async Task<bool> ContradictsAsync(JobInfo job, LabeledTask content, WorkerId worker, IReadOnlyList<AnswerKind> answers, TaskListing tasks) =>
        content.Images.Any(image => image.Gold is not null) && (await FindAsync(job, content.Content.Number, worker, tasks)).Any(said => answers[said.Index] != said.Kind);

    /// <summary>Gold that was shown to the worker, with what it said. Of jobs that tell; others cost nothing.</summary>
    private static async Task<IEnumerable<(int Index, AnswerKind Kind)>> FindAsync(JobInfo job, TaskNumber number, WorkerId worker, TaskListing tasks)
    {
        if (!job.Settings.Work.GoldFeedback || await tasks.FindAnsweredAsync(job, number) is not { Task: var task }) return [];
        return task.Content.Images.Index().Where(image => image.Item.Gold is not null)
            .Select(image => (image.Index, Said: task.SubmissionsTo(image.Index).LastOrDefault(submission => submission.Worker == worker)))
            .Where(said => said.Said is not null && said.Said.Answers[said.Index] != AnswerKind.NotSeen).Select(said => (said.Index, said.Said!.Answers[said.Index]));
    }
}

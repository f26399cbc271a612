using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Submissions that are being stored: a task takes no more workers, and no more of one worker, because they come at once. For
/// one grain's scheduler.
/// </summary>
internal sealed class Arrivals
{
    private readonly Dictionary<TaskNumber, Dictionary<WorkerId, int>> _byTask = [];

    /// <summary>How many of whom arrive at a task; null for none.</summary>
    public IReadOnlyDictionary<WorkerId, int>? To(TaskNumber task) => _byTask.GetValueOrDefault(task);

    public void Add(Submission submission)
    {
        if (!_byTask.TryGetValue(submission.Task, out var workers)) _byTask[submission.Task] = workers = [];
        workers[submission.Worker] = workers.GetValueOrDefault(submission.Worker) + 1;
    }

    /// <summary>They have arrived, or don't.</summary>
    public void Remove(IEnumerable<Submission> submissions)
    {
        foreach (var submission in submissions)
        {
            var workers = _byTask[submission.Task];
            if (--workers[submission.Worker] > 0) continue;
            workers.Remove(submission.Worker);
            if (workers.Count == 0) _byTask.Remove(submission.Task);
        }
    }
}

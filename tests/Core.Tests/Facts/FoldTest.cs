namespace BulkQA.Core.Tests;

/// <summary>Tests of a fold, whose tasks and submissions are written short.</summary>
public abstract class FoldTest
{
    /// <param name="tasks">Each one's confidences; they are numbered from 0.</param>
    protected static PartitionFold Fold(JobSettings settings, double[][] tasks, IEnumerable<Submission> submissions)
    {
        var fold = new PartitionFold(settings);
        for (var task = 0; task < tasks.Length; task++) fold.AddTask(new TaskNumber(task), tasks[task]);
        foreach (var submission in submissions) fold.Apply(submission);
        return fold;
    }

    protected static Submission Submission(int task, string worker, long ticks, string answers) =>
        new(new TaskNumber(task), WorkerId.Create(worker), new SubmissionTime(ticks), TaskAnswers.Parse(answers));
}

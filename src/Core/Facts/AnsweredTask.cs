using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A task with every submission to it and every adjudication of its images, each in no order.</summary>
public sealed record AnsweredTask(TaskContent Content, ImmutableArray<Submission> Submissions, ImmutableArray<Adjudication> Adjudications)
{
    /// <summary>
    /// Every submission with an answer to the image at that index, in the order in which the later answers replace the earlier. Of those that say the
    /// same at the same time, the one that knows how long it took: its time became known later.
    /// </summary>
    public IEnumerable<Submission> SubmissionsTo(int index) => Submissions
        .Where(submission => index < submission.Answers.Count && submission.Answers[index] != AnswerKind.None)
        .GroupBy(submission => (submission.Worker, submission.At, submission.Answers)).Select(same => same.MaxBy(submission => submission.Taken ?? TimeSpan.Zero)!)
        .OrderBy(submission => submission.At).ThenBy(submission => submission.Answers[index]).ThenBy(submission => submission.Worker.Value, StringComparer.Ordinal);

    /// <summary>The answers of <see cref="SubmissionsTo"/>.</summary>
    public IEnumerable<ImageAnswer> HistoryOf(int index) => SubmissionsTo(index).Select(submission => AnswerOf(submission, index));

    /// <summary>What a submission says of the image at that index.</summary>
    public static ImageAnswer AnswerOf(Submission submission, int index) => new(submission.Worker, submission.Answers[index], submission.At);

    /// <summary>The adjudications of the image at that index, in the order in which the later replace the earlier.</summary>
    public IEnumerable<Adjudication> AdjudicationsOf(int index) => Adjudications
        .Where(adjudication => adjudication.Index == index).OrderBy(adjudication => adjudication.At).ThenBy(adjudication => adjudication.Hash, StringComparer.Ordinal);
}

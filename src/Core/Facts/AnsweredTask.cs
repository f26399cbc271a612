using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A task with every submission to it, in no order.</summary>
public sealed record AnsweredTask(TaskContent Content, ImmutableArray<Submission> Submissions)
{
    /// <summary>Every answer that was ever given to the image at that index, in the order in which the later ones replace the earlier.</summary>
    public IEnumerable<ImageAnswer> HistoryOf(int index) => Submissions
        .Where(submission => index < submission.Answers.Count && submission.Answers[index] != AnswerKind.None)
        .Select(submission => new ImageAnswer(submission.Worker, submission.Answers[index], submission.At))
        .OrderBy(answer => answer.At).ThenBy(answer => answer.Kind).ThenBy(answer => answer.Worker.Value, StringComparer.Ordinal);
}

namespace BulkQA.Core;

/// <summary>One worker's answer to one image.</summary>
public readonly record struct ImageAnswer(WorkerId Worker, AnswerKind Kind, SubmissionTime At)
{
    /// <summary>Whether this counts for a verdict.</summary>
    public bool IsVote => Kind >= AnswerKind.Confirm;

    /// <summary>
    /// Whether this replaces <paramref name="other"/> of the same worker: the later one does, and of two at the same tick
    /// the one of the greater <see cref="AnswerKind"/>. A total order, so that any order of arrival ends in the same answer.
    /// </summary>
    public bool Replaces(ImageAnswer other) => At != other.At ? At > other.At : Kind > other.Kind;
}

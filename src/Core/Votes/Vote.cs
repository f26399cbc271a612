namespace BulkQA.Core;

/// <summary>One worker's Confirm or Disconfirm of one image.</summary>
public readonly record struct Vote(WorkerId Worker, bool Confirmed, SubmissionTime At)
{
    /// <summary>
    /// Whether this replaces <paramref name="other"/> of the same worker: the later one does, and of two at the same tick
    /// the Disconfirm. A total order, so that any order of arrival ends in the same vote.
    /// </summary>
    public bool Replaces(Vote other) => At != other.At ? At > other.At : other.Confirmed && !Confirmed;
}

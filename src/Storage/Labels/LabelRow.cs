using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>One labelled image, as it lies in the label table.</summary>
/// <param name="Confidence">Null where the corpus gave none.</param>
/// <param name="Verdict">By the policy in force when the row was last written.</param>
/// <param name="Version">1 when imported, 2 where counts came along; one more with every write.</param>
/// <param name="Task">Null until the image is cut into a task.</param>
/// <param name="Anonymous">Counts that the corpus brought from another system; null where it brought none.</param>
public sealed record LabelRow(
    ImageAddress Address, Percent? Confidence, VoteSet Votes, Verdict Verdict, int Version, TaskPlace? Task, AnonymousVotes? Anonymous = null)
{
    /// <summary>
    /// The row of a corpus line. Counts of another system are in no contribution, so that a row with them is never an
    /// untouched one.
    /// </summary>
    public static LabelRow Imported(ImageAddress address, Percent? confidence, TaskPlace? task, AnonymousVotes? anonymous) => new(
        address, confidence, VoteSet.Empty, Verdict.Unreviewed,
        anonymous is null ? Contribution.UntouchedVersion : Contribution.UntouchedVersion + 1, task, anonymous);

    /// <summary>What this row adds to its class.</summary>
    public Contribution Contribution =>
        new(Version, Confidence, Votes.Confirms, Votes.Disconfirms, Verdict, Votes.LastAt, Task);
}

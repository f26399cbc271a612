using System.Collections.Immutable;
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

    /// <summary>
    /// The next version of this row, with votes merged in, its verdict by the policy, and a confidence where it had none.
    /// The same instance where that changes nothing.
    /// </summary>
    /// <param name="refused">Workers whose votes found no room.</param>
    public LabelRow Merge(IEnumerable<Vote> votes, Percent? confidence, VerdictPolicy policy, out ImmutableArray<WorkerId> refused)
    {
        var merged = Votes.Merge(votes, out refused);
        var verdict = policy.Decide(merged.Confirms, merged.Disconfirms);
        return ReferenceEquals(merged, Votes) && verdict == Verdict && (Confidence is not null || confidence is null) ? this
            : this with { Votes = merged, Confidence = Confidence ?? confidence, Verdict = verdict, Version = Version + 1 };
    }

    /// <summary>What this row adds to its class.</summary>
    public Contribution Contribution =>
        new(Version, Confidence, Votes.Confirms, Votes.Disconfirms, Verdict, Votes.LastAt, Task);
}

namespace BulkQA.Core;

/// <summary>
/// What one image adds to its class: absolute, never a delta, so that applying it twice or late changes nothing.
/// </summary>
/// <param name="Version">The row's version; a contribution of a lower or equal one is old news.</param>
/// <param name="Confidence">Null where the corpus gave none.</param>
/// <param name="Confirms">Workers who confirmed.</param>
/// <param name="Disconfirms">Workers who disconfirmed.</param>
/// <param name="Verdict">By the policy the row was merged under.</param>
/// <param name="LastVoteAt">The latest submission time among the votes.</param>
/// <param name="Task">The task the image was cut into; null for none yet.</param>
public readonly record struct Contribution(
    int Version, Percent? Confidence, int Confirms, int Disconfirms, Verdict Verdict, SubmissionTime LastVoteAt, TaskPlace? Task)
{
    /// <summary>The version of a row that holds nothing but what its contribution says: as it was imported, without votes.</summary>
    public const int UntouchedVersion = 1;

    public bool IsUntouched => Version == UntouchedVersion;
}

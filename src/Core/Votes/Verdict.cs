namespace BulkQA.Core;

/// <summary>What the votes of an image say of its label, under the job's policy.</summary>
public enum Verdict : byte
{
    /// <summary>Not enough votes yet.</summary>
    Unreviewed = 0,

    /// <summary>The label fits.</summary>
    Confirmed = 1,

    /// <summary>The label does not fit.</summary>
    Disconfirmed = 2,

    /// <summary>The workers do not agree.</summary>
    Split = 3,
}

namespace BulkQA.Core;

/// <summary>
/// Counts from before: how many confirmed and disconfirmed an image in a system that did not keep who. They can't be told
/// from repetitions, so they are kept beside the votes and no verdict is decided by them.
/// </summary>
public readonly record struct AnonymousVotes(int Confirms, int Disconfirms)
{
    /// <summary>The most of either that is taken for true.</summary>
    public const int Max = 1_000_000;
}

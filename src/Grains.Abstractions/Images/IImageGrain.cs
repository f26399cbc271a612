using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// One labelled image, keyed by <see cref="ImageAddress.GrainKey"/>: settles its row where several write it at once, or where
/// a write ended in doubt. Merges votes into the row, one write a merge; one call after the other.
/// </summary>
[Alias("BulkQA.IImageGrain")]
public interface IImageGrain : IGrainWithStringKey
{
    /// <summary>Merges the votes and writes the row if they change it. Idempotent, commutative.</summary>
    [Alias("Merge"), SafeToRepeat]
    Task<MergeReceipt> MergeAsync(ImageVotes votes, VerdictPolicy policy);

    /// <summary>Reads the row again, and rewrites its verdict where it is of another policy.</summary>
    /// <returns>Null where there is no row.</returns>
    [Alias("Refresh"), SafeToRepeat]
    Task<Contribution?> RefreshAsync(VerdictPolicy policy);
}

/// <param name="Contribution">What the image adds to its class now; null where it has no row.</param>
/// <param name="Refused">Workers whose votes found no room.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.MergeReceipt")]
public readonly record struct MergeReceipt(
    [property: Id(0)] Contribution? Contribution, [property: Id(1)] ImmutableArray<WorkerId> Refused);

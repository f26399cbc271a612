using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A run of steps to which the fit gives one share.</summary>
/// <param name="From">The step with which it begins.</param>
/// <param name="Share">Confirmed of reviewed, from 0 to 1.</param>
/// <param name="Reviewed">Over how many images.</param>
public readonly record struct IsotonicBlock(int From, double Share, long Reviewed);

/// <summary>
/// How often labels are right by confidence, as the curve that never falls and is nearest to what reviews say (least squares, which is
/// maximum likelihood here).
/// </summary>
/// <param name="Blocks">Ascending in both; empty where nothing with a confidence is reviewed.</param>
public sealed record IsotonicRegression(ImmutableArray<IsotonicBlock> Blocks)
{
    /// <summary>
    /// Pools adjacent violators: M. Ayer, H. D. Brunk, G. M. Ewing, W. T. Reid and E. Silverman, "An empirical distribution function for
    /// sampling with incomplete information", Annals of Mathematical Statistics 26 (1955). In time linear in the steps.
    /// </summary>
    /// <param name="steps">Ascending.</param>
    public static IsotonicRegression Fit(IEnumerable<FineStep> steps)
    {
        var pooled = new List<(int From, long Reviewed, long Confirmed)>();
        foreach (var (step, counts) in steps)
        {
            if (counts.Reviewed == 0) continue;
            var (from, reviewed, confirmed) = (step, counts.Reviewed, counts.Confirmed);
            // Shares are compared as whole numbers, so that equal ones are equal.
            while (pooled.Count > 0 && (Int128)pooled[^1].Confirmed * reviewed >= (Int128)confirmed * pooled[^1].Reviewed)
            {
                var last = pooled[^1];
                pooled.RemoveAt(pooled.Count - 1);
                (from, reviewed, confirmed) = (last.From, reviewed + last.Reviewed, confirmed + last.Confirmed);
            }
            pooled.Add((from, reviewed, confirmed));
        }
        return new IsotonicRegression([.. pooled.Select(block => new IsotonicBlock(block.From, (double)block.Confirmed / block.Reviewed, block.Reviewed))]);
    }

    /// <summary>The share at a step: that of the last block that begins at or below it, below all of them that of the first. Null without any.</summary>
    public double? ShareAt(int step)
    {
        if (Blocks.IsEmpty) return null;
        var (low, high) = (0, Blocks.Length);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Blocks[middle].From <= step) low = middle;
            else high = middle;
        }
        return Blocks[low].Share;
    }

    public bool Equals(IsotonicRegression? other) => other is not null && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan());

    public override int GetHashCode() => Blocks.Aggregate(0, HashCode.Combine);
}

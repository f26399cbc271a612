namespace BulkQA.Core;

/// <summary>From which confidence up a class's labels can be trusted.</summary>
/// <param name="Threshold">In percent; null where no bucket can be trusted ("do not ship").</param>
/// <param name="Reason">Why it is that, for people.</param>
public sealed record ClassThreshold(string Label, double? Threshold, string Reason)
{
    /// <summary>
    /// From the highest interval down, goes on while incorrect/correct stays within <paramref name="maxIncorrectPerCorrect"/>;
    /// the threshold is the upper edge of the first interval that fails. An interval without images can't fail; one with
    /// images of which none is reviewed does, because nothing vouches for them.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="tally">Its counters.</param>
    /// <param name="edges">The job's bucket edges.</param>
    /// <param name="maxIncorrectPerCorrect">The accepted ratio, such as 0.1 for one in ten; zero or more.</param>
    public static ClassThreshold Of(Label label, ClassTally tally, BucketEdges edges, double maxIncorrectPerCorrect)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxIncorrectPerCorrect);
        if (Enumerable.Range(0, edges.IntervalCount).All(bucket => tally.Buckets[bucket].Reviewed == 0))
            return new ClassThreshold(label.Value, null, "no image of the class is reviewed in any bucket");
        for (var index = edges.IntervalCount - 1; index >= 0; index--)
        {
            var bucket = tally.Buckets[index];
            if (bucket.Total == 0 || (bucket.Reviewed > 0 && bucket.Incorrect <= maxIncorrectPerCorrect * bucket.Confirmed))
                continue;
            var why = bucket.Reviewed == 0
                ? $"none of the {bucket.Total} images in {edges.NameOf(index)} is reviewed"
                : FormattableString.Invariant(
                    $"{edges.NameOf(index)} has {bucket.Incorrect} incorrect to {bucket.Confirmed} correct, more than {maxIncorrectPerCorrect:R} to 1");
            return index == edges.IntervalCount - 1
                ? new ClassThreshold(label.Value, null, why)
                : new ClassThreshold(label.Value, edges.Values[index + 1], why);
        }
        return new ClassThreshold(label.Value, edges.Values[0], "every bucket stays within the accepted ratio");
    }
}

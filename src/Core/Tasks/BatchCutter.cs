namespace BulkQA.Core;

/// <summary>Cuts images of one class into tasks, in the order given.</summary>
public static class BatchCutter
{
    /// <summary>
    /// Full batches of <paramref name="batchSize"/>; what remains becomes a shorter last one when
    /// <paramref name="cutRemainder"/>, and is left for later otherwise.
    /// </summary>
    /// <returns>Each batch's start and length.</returns>
    public static IEnumerable<(int Start, int Length)> Cut(int images, int batchSize, bool cutRemainder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        for (var start = 0; start < images; start += batchSize)
        {
            var length = Math.Min(batchSize, images - start);
            if (length == batchSize || cutRemainder) yield return (start, length);
        }
    }
}

namespace BulkQA.Core;

/// <summary>
/// One of the <see cref="Count"/> logical shards the rows of a class lie in. Fixed for ever: rows never move, only the
/// partition grains that own ranges of shards grow in number.
/// </summary>
public readonly record struct Shard
{
    public const int Count = 16;

    public Shard(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        Number = (byte)number;
    }

    /// <summary>From 0 to <see cref="Count"/> - 1.</summary>
    public byte Number { get; }

    public override string ToString() => Number.ToString();
}

using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Which shards a partition owns: with P partitions, 16/P in a row.</summary>
public static class PartitionRange
{
    public static string Key(ClassAddress address, int firstShard) => address.RowKey(new Shard(firstShard));

    /// <summary>The first shard of the partition that owns <paramref name="shard"/>.</summary>
    public static int FirstShard(Shard shard, int partitions)
    {
        var width = Shard.Count / partitions;
        return shard.Number / width * width;
    }

    /// <summary>The first shards of all partitions.</summary>
    public static IEnumerable<int> FirstShards(int partitions) =>
        Enumerable.Range(0, partitions).Select(index => index * (Shard.Count / partitions));
}

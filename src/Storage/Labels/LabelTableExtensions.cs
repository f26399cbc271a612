using System.Runtime.CompilerServices;
using BulkQA.Core;

namespace BulkQA.Storage;

public static class LabelTableExtensions
{
    private const int PageSize = 1_000;

    /// <summary>All rows of a shard, page by page.</summary>
    public static async IAsyncEnumerable<LabelRow> ReadAllAsync(
        this ILabelTable table, ClassAddress address, Shard shard, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ImageUrl? after = null;
        do
        {
            var page = await table.ScanAsync(address, shard, after, PageSize, cancellation);
            foreach (var row in page.Rows) yield return row;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>All rows of a class, shard by shard.</summary>
    public static async IAsyncEnumerable<LabelRow> ReadAllAsync(
        this ILabelTable table, ClassAddress address, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var shard = 0; shard < Shard.Count; shard++)
            await foreach (var row in table.ReadAllAsync(address, new Shard(shard), cancellation))
                yield return row;
    }
}

using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Serialization;

namespace BulkQA.Grains;

/// <summary>
/// A partition's head in the fact store: its epoch, which fences off a stale twin of the activation, and, after a clean
/// deactivation, the summary it left.
/// </summary>
internal sealed class PartitionHeadRecord(IFactStore facts, Serializer serializer, PartitionAddress partition)
{
    private const int MaxRaces = 5;

    /// <summary>The head as last read or written; of epoch 0 where there is none.</summary>
    public PartitionHead Head { get; private set; } = new(0, false, null);

    public PartitionSummary? Summary => Head.Summary is { } summary ? serializer.Deserialize<PartitionSummary>(summary) : null;

    public async Task LoadAsync() => Head = await facts.ReadHeadAsync(partition) ?? new(0, false, null);

    /// <summary>Raises the epoch, against whoever else does the same; a retired partition stays as it is.</summary>
    /// <param name="retired">Whether to retire the partition.</param>
    public async Task RaiseAsync(bool retired = false)
    {
        for (var race = 1; ; race++)
        {
            await LoadAsync();
            if (Head.Retired) return;
            var next = new PartitionHead(Head.Epoch + 1, retired, null);
            if (await facts.WriteHeadAsync(partition, next, Head.Epoch))
            {
                Head = next;
                return;
            }
            if (race == MaxRaces) throw new StorageException($"the head of {partition.Key} kept changing; try again");
        }
    }

    /// <summary>Writes over exactly the head of that epoch, which is not retired, under the next epoch.</summary>
    /// <returns>False where somebody else has written since.</returns>
    public async Task<bool> TryReplaceAsync(long epoch, PartitionSummary? summary)
    {
        // Without its type, null would be no bytes instead of no summary.
        ReadOnlyMemory<byte>? packed = summary is null ? default(ReadOnlyMemory<byte>?) : serializer.SerializeToArray(summary);
        var next = new PartitionHead(epoch + 1, false, packed);
        if (!await facts.WriteHeadAsync(partition, next, epoch)) return false;
        Head = next;
        return true;
    }

    /// <summary>Whether the stored head still has this epoch.</summary>
    public async Task<bool> IsCurrentAsync(long epoch) => (await facts.ReadHeadAsync(partition))?.Epoch == epoch;
}

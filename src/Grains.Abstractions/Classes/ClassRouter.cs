using System.Collections.Concurrent;
using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Sends votes and corpus lines to the partitions that own them, in one call a partition. Remembers how many partitions
/// a class has; a partition that doesn't own an image says so and the call goes out again.
/// </summary>
public sealed class ClassRouter(IGrainFactory grains)
{
    /// <summary>A class doubles at most four times, so more tries than that can't be its growth.</summary>
    private const int MaxTries = 8;

    /// <summary>Classes remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<ClassAddress, int> _partitions = new();

    /// <summary>The outcome of each image, in order; null where the job is deleted. Durable on return.</summary>
    public async Task<ImmutableArray<ImageOutcome>?> VoteAsync(ClassAddress address, ClassVotes votes)
    {
        var outcomes = new ImageOutcome[votes.Images.Length];
        var left = Enumerable.Range(0, votes.Images.Length).ToArray();
        for (var attempt = 0; left.Length > 0; attempt++)
        {
            var groups = await GroupAsync(address, left, index => votes.Images[index].Url, attempt);
            var receipts = await Task.WhenAll(groups.Select(group =>
                Partition(address, group.Key).VoteAsync(votes with { Images = [.. group.Value.Select(index => votes.Images[index])] })));
            var moved = new List<int>();
            foreach (var (receipt, group) in receipts.Zip(groups.Values))
            {
                if (receipt.Refusal == Refusal.Gone) return null;
                if (receipt.Refusal == Refusal.Moved)
                {
                    Forget(address, receipt.Partitions);
                    moved.AddRange(group);
                }
                else
                {
                    for (var i = 0; i < group.Count; i++) outcomes[group[i]] = receipt.Outcomes[i];
                }
            }
            left = [.. moved];
        }
        return [.. outcomes];
    }

    /// <summary>Splits lines by the partition that owns them: its first shard, and the indices of its lines.</summary>
    public Task<Dictionary<int, List<int>>> SplitAsync(ClassAddress address, IReadOnlyList<ImportLine> lines) =>
        GroupAsync(address, Enumerable.Range(0, lines.Count), index => lines[index].Url, 0);

    /// <summary>Imports lines that <see cref="SplitAsync"/> gave to one partition.</summary>
    /// <returns>Null where the class has grown meanwhile: split again.</returns>
    public async Task<ImportReceipt?> ImportAsync(ClassAddress address, int firstShard, ImportChunk chunk)
    {
        var receipt = await Partition(address, firstShard).ImportAsync(chunk);
        if (receipt.Refusal == Refusal.Moved)
        {
            Forget(address, receipt.Partitions);
            return null;
        }
        if (receipt.Crowded)
            _partitions[address] = await grains.GetGrain<IClassGrain>(address.Key).GrowAsync(receipt.Partitions);
        return receipt;
    }

    private async Task<Dictionary<int, List<int>>> GroupAsync(
        ClassAddress address, IEnumerable<int> indices, Func<int, ImageUrl> url, int attempt)
    {
        if (attempt >= MaxTries)
            throw new TimeoutException($"class '{address.Key}' did not settle on its partitions in {MaxTries} tries; try again");
        if (!_partitions.TryGetValue(address, out var partitions))
        {
            if (_partitions.Count >= MaxRemembered) _partitions.Clear();
            _partitions[address] = partitions = await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync();
        }
        var groups = new Dictionary<int, List<int>>();
        foreach (var index in indices)
        {
            var first = PartitionRange.FirstShard(ImageHash.Of(url(index)).Shard, partitions);
            if (!groups.TryGetValue(first, out var group)) groups[first] = group = [];
            group.Add(index);
        }
        return groups;
    }

    private void Forget(ClassAddress address, int partitions)
    {
        if (partitions > 0) _partitions[address] = partitions;
        else _partitions.TryRemove(address, out _);
    }

    private IPartitionGrain Partition(ClassAddress address, int firstShard) =>
        grains.GetGrain<IPartitionGrain>(PartitionRange.Key(address, firstShard));
}

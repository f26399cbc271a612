using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>The votes of a job as its partitions have laid them by for one estimate; sums over them are asked for from any thread.</summary>
internal sealed class JobVotes
{
    private const int PartitionsAtOnce = 100;

    private readonly IReadOnlyList<Part> _parts;
    private readonly string _estimate;

    private JobVotes(IReadOnlyList<Part> parts, ImmutableArray<WorkerId> workers, string estimate)
    {
        (_parts, Workers, _estimate) = (parts, workers, estimate);
        foreach (var part in parts) (Votes, Images) = (Votes + part.Votes, Images + part.Images);
    }

    /// <summary>Everybody who voted, or answered otherwise, ordered by id: so that sums do not depend on who is asked first.</summary>
    public ImmutableArray<WorkerId> Workers { get; }

    public long Votes { get; }

    public long Images { get; }

    /// <summary>Has partitions lay their votes by; null where one says that the job is gone.</summary>
    public static async Task<JobVotes?> LayByAsync(IReadOnlyList<IPartitionGrain> partitions, string estimate)
    {
        List<LaidByVotes?> laidBy = [];
        try
        {
            laidBy = await EachAsync(partitions, partition => partition.LayByVotesAsync(estimate));
        }
        finally
        {
            if (laidBy.Count == 0 || laidBy.Any(votes => votes is null)) await DropAsync(partitions, estimate);
        }
        if (laidBy.Any(votes => votes is null)) return null;
        ImmutableArray<WorkerId> workers = [.. laidBy.SelectMany(votes => votes!.Workers).Distinct().OrderBy(worker => worker.Value, StringComparer.Ordinal)];
        var indexOf = workers.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var parts = partitions.Zip(laidBy, (partition, votes) => new Part(partition, [.. votes!.Workers.Select(worker => indexOf[worker])], votes.Votes, votes.Images)).ToList();
        return new JobVotes(parts, workers, estimate);
    }

    /// <summary>Sums over all votes, or over those that are left without held-out ones.</summary>
    /// <exception cref="StorageException">A partition was lost, and its votes with it: try anew.</exception>
    public async Task<ExpectedCounts> ExpectAsync(ReliabilityParameters? parameters, HeldOutVotes? without)
    {
        var sums = new ExpectedCounts(Workers.Length);
        // In the order of the parts: sums of numbers depend on it in their last digits.
        foreach (var (part, found) in _parts.Zip(await EachAsync(_parts, part => part.Grain.ExpectAsync(_estimate, parameters?.Select(part.Workers).Pack(), without))))
            ExpectedCounts.Unpack(found ?? throw Lost()).AddInto(sums, part.Workers);
        return sums;
    }

    public async Task<HeldOutSums> ScoreAsync(HeldOutModels models, HeldOutVotes heldOut)
    {
        var found = await EachAsync(_parts, part =>
        {
            var own = models.Select(part.Workers);
            return part.Grain.ScoreAsync(_estimate, new ScoredModels(own.SharedCoin, own.OneCoin.Pack(), own.TwoCoin.Pack()), heldOut);
        });
        return found.Select(sums => sums ?? throw Lost()).Aggregate(default(HeldOutSums), HeldOutSums.Add);
    }

    /// <summary>Has partitions drop the votes. Those that can't be told drop them by themselves after a while.</summary>
    public Task DropAsync() => DropAsync([.. _parts.Select(part => part.Grain)], _estimate);

    private static async Task DropAsync(IReadOnlyList<IPartitionGrain> partitions, string estimate)
    {
        try
        {
            await EachAsync(partitions, async partition =>
            {
                await partition.DropVotesAsync(estimate);
                return true;
            });
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // See above.
        }
    }

    private static StorageException Lost() => new("a partition has lost the votes that were laid by for an estimate; it begins anew");

    private static async Task<List<TResult>> EachAsync<T, TResult>(IReadOnlyList<T> all, Func<T, Task<TResult>> ask)
    {
        var results = new List<TResult>(all.Count);
        foreach (var some in all.Chunk(PartitionsAtOnce)) results.AddRange(await Task.WhenAll(some.Select(ask)));
        return results;
    }

    /// <summary>What one partition has laid by.</summary>
    /// <param name="Workers">By its own index, the index among all.</param>
    private sealed record Part(IPartitionGrain Grain, int[] Workers, long Votes, long Images);
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IClassGrain"/>
[Reentrant]
public sealed class ClassGrain([PersistentState("class")] IPersistentState<ClassRecord> record) : Grain, IClassGrain
{
    /// <summary>A class doubles at most four times, so that more attempts than that can't be its growth.</summary>
    private const int MaxTallyAttempts = 8;

    /// <summary>Held while the class grows, so that nobody is told a number that is about to be wrong.</summary>
    private readonly Gate _growth = new();

    private ClassAddress _address;

    private DurableState<ClassRecord> State => field ??= new(record, DeactivateOnIdle);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ClassAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<int> CountPartitionsAsync()
    {
        if (State.Value.GrowingTo == 0 && _growth.IsOpen) return State.Value.Partitions;
        return await GrowToAsync(() => State.Value.GrowingTo);
    }

    public Task<int> GrowAsync(int from) =>
        GrowToAsync(() => State.Value.GrowingTo != 0 ? State.Value.GrowingTo
            : State.Value.Partitions == from && from < Shard.Count ? from * 2 : 0);

    public async Task<TallyReply?> GetTallyAsync()
    {
        for (var attempt = 0; attempt < MaxTallyAttempts; attempt++)
        {
            var replies = await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.GetTallyAsync()));
            if (replies.Any(reply => reply is null)) return null;
            // The class grew in between: some images would be missing, or count twice.
            if (replies.Any(reply => reply!.Partitions != replies.Length)) continue;
            return new TallyReply(replies.Select(reply => reply!.Tally).Aggregate(ClassTally.Add), replies.Length);
        }
        throw new TimeoutException($"class '{_address.Key}' kept growing while its counters were summed; try again");
    }

    public async Task<TaskLease?> LeaseAsync(WorkerId worker)
    {
        foreach (var partition in await PartitionsAsync())
            if (await partition.LeaseAsync(worker) is { } lease) return lease;
        return null;
    }

    public async Task<int> CountAnsweredAsync(WorkerId worker) =>
        (await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.CountAnsweredAsync(worker)))).Sum();

    public async Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks) =>
        [.. (await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.GetTasksAsync(tasks)))).SelectMany(found => found)];

    public async Task ChangePolicyAsync(JobInfo job) =>
        await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.ChangePolicyAsync(job)));

    public async Task RewriteVerdictsAsync(Shard shard)
    {
        var partitions = await CountPartitionsAsync();
        await Partition(PartitionRange.FirstShard(shard, partitions)).RewriteVerdictsAsync(shard);
    }

    public async Task<AuditReport> AuditAsync()
    {
        var report = AuditReport.Nothing;
        foreach (var partition in await PartitionsAsync()) report += await partition.AuditAsync();
        return report;
    }

    public async Task RetireAsync() => await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.RetireAsync()));

    public async Task ForgetAsync()
    {
        await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.ForgetAsync()));
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    /// <summary>
    /// Grows to what <paramref name="target"/> says once nobody else does (0: not at all). The old partitions give up
    /// their shards before the new ones take them. A crash in between leaves the intention, and the next call goes on.
    /// </summary>
    private async Task<int> GrowToAsync(Func<int> target)
    {
        using var turn = await _growth.EnterAloneAsync();
        if (target() is var partitions and > 0)
        {
            await SaveAsync(State.Value with { GrowingTo = partitions });
            var old = PartitionRange.FirstShards(State.Value.Partitions).ToHashSet();
            foreach (var first in PartitionRange.FirstShards(partitions).OrderBy(first => old.Contains(first) ? 0 : 1))
                await Partition(first).ResizeAsync(partitions);
            await SaveAsync(new ClassRecord { Partitions = partitions });
        }
        return State.Value.Partitions;
    }

    private Task SaveAsync(ClassRecord state) => State.SaveAsync(state);

    private async Task<IPartitionGrain[]> PartitionsAsync() =>
        [.. PartitionRange.FirstShards(await CountPartitionsAsync()).Select(Partition)];

    private IPartitionGrain Partition(int firstShard) =>
        GrainFactory.GetGrain<IPartitionGrain>(PartitionRange.Key(_address, firstShard));
}

[GenerateSerializer, Immutable, Alias("BulkQA.ClassRecord")]
public sealed record ClassRecord
{
    [Id(0)]
    public int Partitions { get; init; } = 1;

    /// <summary>What the class is growing to; 0 when it isn't.</summary>
    [Id(1)]
    public int GrowingTo { get; init; }
}

using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IClassGrain"/>
[Reentrant]
public sealed class ClassGrain([PersistentState("class")] IPersistentState<ClassRecord> record) : Grain, IClassGrain
{
    /// <summary>Held while the class grows, so that nobody is told a number that is about to be wrong.</summary>
    private readonly Gate _growth = new();

    private ClassAddress _address;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ClassAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<int> CountPartitionsAsync()
    {
        if (record.State.GrowingTo == 0 && _growth.IsOpen) return record.State.Partitions;
        return await GrowToAsync(() => record.State.GrowingTo);
    }

    public Task<int> GrowAsync(int from) =>
        GrowToAsync(() => record.State.GrowingTo != 0 ? record.State.GrowingTo
            : record.State.Partitions == from && from < Shard.Count ? from * 2 : 0);

    public async Task<TallyReply?> GetTallyAsync()
    {
        var replies = await Task.WhenAll((await PartitionsAsync()).Select(partition => partition.GetTallyAsync()));
        return replies.Any(reply => reply is null) ? null
            : new TallyReply(replies.Select(reply => reply!.Tally).Aggregate(ClassTally.Add), replies.Length);
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
        await record.ClearStateAsync();
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
            await SaveAsync(record.State with { GrowingTo = partitions });
            var old = PartitionRange.FirstShards(record.State.Partitions).ToHashSet();
            foreach (var first in PartitionRange.FirstShards(partitions).OrderBy(first => old.Contains(first) ? 0 : 1))
                await Partition(first).ResizeAsync(partitions);
            await SaveAsync(new ClassRecord { Partitions = partitions });
        }
        return record.State.Partitions;
    }

    private Task SaveAsync(ClassRecord state) => record.SaveAsync(state, DeactivateOnIdle);

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

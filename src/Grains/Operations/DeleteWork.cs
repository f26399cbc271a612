using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Sweeps what a deleted life of a job has left, once, and once more a while later: a write that was under way when its
/// partitions retired may land after the first sweep.
/// </summary>
internal sealed class DeleteWork(
    IGrainFactory grains, IFactStore facts, ILabelTable labels, IListings listings, JobObjects objects, IOptions<GrainsOptions> options, TimeProvider time) : IOperationWork
{
    private const int SweepPage = 1_000;

    public OperationKind Kind => OperationKind.Delete;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var job = grains.GetGrain<IJobGrain>(incarnation.Job.Key);
        if (await job.GetTombstoneAsync(incarnation) is not { } tombstone) return WithoutTombstone(operation);
        if (tombstone.Done)
        {
            // Perhaps its name is still in the index.
            await job.SweptAsync(incarnation, again: true);
            return operation with { State = OperationState.Done, Done = operation.Total };
        }
        if (tombstone.SweptAt is { } sweptAt && time.GetUtcNow() < sweptAt + options.Value.SweepAgainAfter) return operation;
        var (classes, numbers) = (grains.GetGrain<IJobClassesGrain>(incarnation.Value), grains.GetGrain<ITaskNumbersGrain>(incarnation.Value));
        var known = await classes.RetireAsync();
        await numbers.RetireAsync();
        var sweep = tombstone.SweptAt is null ? 0 : 1;
        operation = operation with { Total = 2 * known.Length };
        foreach (var (index, label) in known.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            await SweepAsync(new ClassAddress(incarnation, label), forget: sweep > 0);
            operation = operation with { Done = (sweep * known.Length) + index + 1 };
            await report(operation);
        }
        await AllOfAsync(() => facts.DeleteBlocksAsync(incarnation, SweepPage, cancellation));
        await AllOfAsync(() => facts.DeleteWorkersAsync(incarnation, SweepPage, cancellation));
        await grains.ForgetQuotasAsync(listings, incarnation, cancellation);
        await objects.DeleteAllAsync(incarnation, cancellation);
        if (sweep > 0)
        {
            await numbers.ForgetAsync();
            await classes.ForgetAsync();
            await grains.GetGrain<IReliabilityGrain>(incarnation.Value).ForgetAsync();
            await grains.GetGrain<ITargetGrain>(incarnation.Value).ForgetAsync();
            await grains.GetGrain<IAlarmGrain>(incarnation.Value).ForgetAsync();
        }
        await job.SweptAsync(incarnation, again: sweep > 0);
        return sweep == 0 ? operation : operation with { State = OperationState.Done };
    }

    private async Task SweepAsync(ClassAddress address, bool forget)
    {
        var grain = grains.GetGrain<IClassGrain>(address.Key);
        var partitions = await grain.RetireAsync();
        var own = Enumerable.Range(0, partitions).Select(number => new PartitionAddress(address, number)).ToList();
        foreach (var partition in own.Concat(own.Select(partition => partition.FollowUps)).Append(PartitionAddress.GoldOf(address)))
            await AllOfAsync(() => facts.DeleteFactsAsync(partition, SweepPage));
        await AllOfAsync(() => facts.DeletePlacesAsync(address, SweepPage));
        await AllOfAsync(() => labels.DeleteAsync(address, SweepPage));
        if (forget) await grain.ForgetAsync();
    }

    private static async Task AllOfAsync(Func<Task<int>> deleteSome)
    {
        while (await deleteSome() >= SweepPage) { }
    }

    /// <summary>
    /// Writing the deletion down failed, or seems to have: an activation that lost the answer doesn't know better until it has
    /// ended, which is waited for.
    /// </summary>
    private Operation WithoutTombstone(Operation operation) => time.GetUtcNow() - operation.StartedAt <= options.Value.SweepAgainAfter
        ? operation
        : operation with { State = OperationState.Failed, Problem = "the job was not deleted: writing that down failed; delete it again" };
}

using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Sweeps what a deleted life of a job has left, once, and once more a while later: a write that was under way when its
/// partitions retired may land after the first sweep.
/// </summary>
internal sealed class DeleteWork(IGrainFactory grains, ILabelTable table, JobObjects objects, IOptions<GrainsOptions> options, TimeProvider time) : IOperationWork
{
    private const int SweepPage = 1_000;
    private const int TasksAtOnce = 100;

    public OperationKind Kind => OperationKind.Delete;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var job = grains.GetGrain<IJobGrain>(operation.Incarnation.Job.Key);
        if (await job.GetTombstoneAsync(operation.Incarnation) is not { } tombstone) return WithoutTombstone(operation);
        if (tombstone.Done)
        {
            // Perhaps its name is still in the index.
            await job.SweptAsync(operation.Incarnation, again: true);
            return operation with { State = OperationState.Done, Done = operation.Total };
        }
        if (tombstone.SweptAt is { } sweptAt && time.GetUtcNow() < sweptAt + options.Value.SweepAgainAfter) return operation;
        var sweep = tombstone.SweptAt is null ? 0 : 1;
        operation = await SweepAsync(operation with { Total = 2 * tombstone.Labels.Length }, tombstone, sweep, report);
        if (sweep == 0) await DeleteTasksAsync(tombstone, cancellation);
        else foreach (var label in tombstone.Labels) await Class(tombstone, label).ForgetAsync();
        await objects.DeleteAllAsync(tombstone.Incarnation, cancellation);
        await job.SweptAsync(operation.Incarnation, again: sweep > 0);
        return sweep == 0 ? operation : operation with { State = OperationState.Done };
    }

    private async Task<Operation> SweepAsync(Operation operation, Tombstone tombstone, int sweep, Func<Operation, Task> report)
    {
        foreach (var label in tombstone.Labels) await Class(tombstone, label).RetireAsync();
        foreach (var (index, label) in tombstone.Labels.Index())
        {
            for (var shard = 0; shard < Shard.Count; shard++)
                while (await table.DeleteAsync(new ClassAddress(tombstone.Incarnation, label), new Shard(shard), SweepPage) == SweepPage) { }
            operation = operation with { Done = (sweep * tombstone.Labels.Length) + index + 1 };
            await report(operation);
        }
        return operation;
    }

    /// <summary>
    /// Writing the deletion down failed, or seems to have: an activation that lost the answer doesn't know better until it has
    /// ended, which is waited for.
    /// </summary>
    private Operation WithoutTombstone(Operation operation) => time.GetUtcNow() - operation.StartedAt <= options.Value.SweepAgainAfter
        ? operation
        : operation with { State = OperationState.Failed, Problem = "the job was not deleted: writing that down failed; delete it again" };

    private async Task DeleteTasksAsync(Tombstone tombstone, CancellationToken cancellation)
    {
        foreach (var numbers in Enumerable.Range(0, tombstone.NextTask).Chunk(TasksAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            await Task.WhenAll(numbers.Select(number =>
                grains.GetGrain<ITaskGrain>(ITaskGrain.Key(tombstone.Incarnation, new TaskNumber(number))).DeleteAsync()));
        }
    }

    private IClassGrain Class(Tombstone tombstone, Label label) =>
        grains.GetGrain<IClassGrain>(new ClassAddress(tombstone.Incarnation, label).Key);
}

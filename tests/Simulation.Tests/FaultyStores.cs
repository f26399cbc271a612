using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>Whether a silo's process still lives: a killed one reaches no store any more, though its threads run on here.</summary>
internal sealed class SiloLife
{
    private volatile bool _dead;

    public void Kill() => _dead = true;

    public void Require()
    {
        if (_dead) throw new StorageException("this silo was killed (injected)");
    }
}

/// <summary>The table as one silo reaches it.</summary>
internal sealed class FaultyLabelTable(ILabelTable inner, SiloLife life) : ILabelTable
{
    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        RunAsync(address.Class, "read", () => inner.ReadAsync(address, cancellation));

    public Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        RunAsync(rows[0].Address.Class, "insert", async () =>
        {
            // A batch is not atomic: some of it may be there when the rest is refused.
            if (FaultPlan.Of(rows[0].Address.Class.Incarnation.Value) is { } plan && plan.Happens(0.05))
            {
                await inner.InsertAsync([.. rows.Take(plan.Next(rows.Count + 1))], cancellation);
                throw new StorageException("insert: broke off half way (injected)");
            }
            return await inner.InsertAsync(rows, cancellation);
        });

    public Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default) =>
        RunAsync(row.Address.Class, "update", () => inner.UpdateAsync(row, expectedVersion, cancellation));

    public Task<RowPage> ScanAsync(ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default) =>
        RunAsync(address, "scan", () => inner.ScanAsync(address, shard, after, Math.Min(limit, 7), cancellation));

    public Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) =>
        inner.FindAsync(url, cursor, limit, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default) =>
        RunAsync(address, "delete", () => inner.DeleteAsync(address, shard, limit, cancellation));

    private Task<T> RunAsync<T>(ClassAddress address, string what, Func<Task<T>> work)
    {
        life.Require();
        return FaultPlan.Of(address.Incarnation.Value) is { } plan ? plan.RunAsync(what, work) : work();
    }
}

/// <summary>Grain state as one silo reaches it.</summary>
internal sealed class FaultyGrainStorage(IGrainStorage inner, SiloLife life) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RunAsync(grainId, $"reading {stateName}", () => inner.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // A lost answer leaves the caller's copy as it was, ETag included.
        var copy = new GrainState<T>(grainState.State!, grainState.ETag!) { RecordExists = grainState.RecordExists };
        return RunAsync(grainId, $"writing {stateName}", () => inner.WriteStateAsync(stateName, grainId, copy), () => (grainState.ETag, grainState.RecordExists) = (copy.ETag!, copy.RecordExists));
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RunAsync(grainId, $"clearing {stateName}", () => inner.ClearStateAsync(stateName, grainId, grainState));

    private async Task RunAsync(GrainId grain, string what, Func<Task> work, Action? done = null)
    {
        life.Require();
        if (FaultPlan.Of(grain.Key.ToString()!) is { } plan)
            await plan.RunAsync(what, async () =>
            {
                await work();
                return true;
            });
        else await work();
        done?.Invoke();
    }
}

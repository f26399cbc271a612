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

/// <summary>The label table as one silo reaches it.</summary>
internal sealed class FaultyLabelTable(ILabelTable inner, SiloLife life) : ILabelTable
{
    public Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default)
    {
        life.Require();
        if (FaultPlan.Of(address.Incarnation.Value) is not { } plan) return inner.WriteAsync(address, rows, cancellation);
        return plan.WriteAsync("rows", async () =>
        {
            if (!plan.Happens(0.05))
            {
                await inner.WriteAsync(address, rows, cancellation);
                return true;
            }
            await inner.WriteAsync(address, plan.Some(rows), cancellation);
            throw new StorageException("rows: broke off half way (injected)");
        });
    }

    /// <summary>Not a call of ours: whoever reads the table reads it without us.</summary>
    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) => inner.ReadAsync(address, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default)
    {
        life.Require();
        return FaultPlan.Of(address.Incarnation.Value) is { } plan
            ? plan.WriteAsync("deleting rows", () => inner.DeleteAsync(address, limit, cancellation)) : inner.DeleteAsync(address, limit, cancellation);
    }
}

/// <summary>Grain state as one silo reaches it.</summary>
internal sealed class FaultyGrainStorage(IGrainStorage inner, SiloLife life) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        life.Require();
        if (PlanOf(grainId) is not { } plan) await inner.ReadStateAsync(stateName, grainId, grainState);
        else
            await plan.ReadAsync($"reading {stateName}", async () =>
            {
                await inner.ReadStateAsync(stateName, grainId, grainState);
                return true;
            });
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ChangeAsync(grainId, $"writing {stateName}", grainState, copy => inner.WriteStateAsync(stateName, grainId, copy));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ChangeAsync(grainId, $"clearing {stateName}", grainState, copy => inner.ClearStateAsync(stateName, grainId, copy));

    /// <summary>Where the answer is lost, the caller's state stays as it was, ETag included.</summary>
    private async Task ChangeAsync<T>(GrainId grain, string what, IGrainState<T> state, Func<IGrainState<T>, Task> change)
    {
        life.Require();
        if (PlanOf(grain) is not { } plan)
        {
            await change(state);
            return;
        }
        var copy = new GrainState<T>(state.State!, state.ETag!) { RecordExists = state.RecordExists };
        await plan.WriteAsync(what, async () =>
        {
            await change(copy);
            return true;
        });
        (state.State, state.ETag, state.RecordExists) = (copy.State!, copy.ETag!, copy.RecordExists);
    }

    private static FaultPlan? PlanOf(GrainId grain) => FaultPlan.Of(grain.Key.ToString()!);
}

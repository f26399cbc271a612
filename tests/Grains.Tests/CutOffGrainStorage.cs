using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>
/// Grain storage that a killed silo no longer reaches: a silo of an in-process cluster tidies up even when killed, and a
/// killed process doesn't.
/// </summary>
internal sealed class CutOffGrainStorage(IGrainStorage inner, Func<bool> isCutOff, Func<string, Task> beforeWrite) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (isCutOff()) throw new StorageException("the silo is dead (injected)");
        await beforeWrite(stateName);
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        isCutOff() ? throw new StorageException("the silo is dead (injected)") : inner.ClearStateAsync(stateName, grainId, grainState);
}

using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>
/// Grain storage that a killed silo no longer reaches: a silo of an in-process cluster tidies up even when killed, and a
/// killed process doesn't.
/// </summary>
internal sealed class CutOffGrainStorage(IGrainStorage inner, Func<bool> isCutOff) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        isCutOff() ? throw new StorageException("the silo is dead (injected)") : inner.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        isCutOff() ? throw new StorageException("the silo is dead (injected)") : inner.ClearStateAsync(stateName, grainId, grainState);
}

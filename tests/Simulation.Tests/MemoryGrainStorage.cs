using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Serialization;
using Orleans.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>Grain state in memory, serialized as in every store, with a new ETag at every write.</summary>
internal sealed class MemoryGrainStorage(Serializer serializer, ConcurrentDictionary<(string State, GrainId Grain), (byte[] Bytes, string ETag)> rows) : IGrainStorage
{
    private static long _last;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = rows.TryGetValue((stateName, grainId), out var row);
        grainState.RecordExists = found;
        grainState.State = found ? serializer.Deserialize<T>(row.Bytes) : Activator.CreateInstance<T>();
        grainState.ETag = found ? row.ETag : null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var next = (serializer.SerializeToArray(grainState.State), Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture));
        lock (rows)
        {
            Check("write", stateName, grainId, grainState.ETag);
            rows[(stateName, grainId)] = next;
        }
        grainState.RecordExists = true;
        grainState.ETag = next.Item2;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (rows)
        {
            Check("clear", stateName, grainId, grainState.ETag);
            rows.TryRemove((stateName, grainId), out _);
        }
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        return Task.CompletedTask;
    }

    private void Check(string what, string stateName, GrainId grainId, string? etag)
    {
        var stored = rows.TryGetValue((stateName, grainId), out var row) ? row.ETag : null;
        if (stored != etag) throw new InconsistentStateException($"could not {what} '{stateName}' of {grainId}", stored, etag);
    }
}

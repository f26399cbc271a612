using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;

namespace BulkQA.Simulation.Tests;

public sealed class MemoryGrainStorageTests : GrainStorageCompliance
{
    protected override IGrainStorage Storage { get; } = new MemoryGrainStorage(
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>(),
        new ConcurrentDictionary<(string State, Orleans.Runtime.GrainId Grain), (byte[] Bytes, string ETag)>());
}

using BulkQA.Core;
using Orleans.Storage;

namespace BulkQA.Grains;

/// <summary>
/// A partition's durable record: its epoch, which fences off a stale twin of the activation, its range, and, after a
/// clean deactivation, the counters it left.
/// </summary>
internal sealed class PartitionRecord(IGrainStorage storage, GrainId grain)
{
    private const string StateName = "partition";
    private const int MaxRaces = 5;

    private GrainState<PartitionState> _stored = new(new PartitionState());

    /// <summary>The record as last read or written.</summary>
    public PartitionState State => _stored.State!;

    /// <summary>Changes with every write of the record, by whomever.</summary>
    public string ETag => _stored.ETag ?? "";

    public async Task LoadAsync()
    {
        var read = new GrainState<PartitionState>(new PartitionState());
        await storage.ReadStateAsync(StateName, grain, read);
        _stored = read;
    }

    /// <summary>Reads, changes and writes the record, against whoever else does the same.</summary>
    public async Task ChangeAsync(Func<PartitionState, PartitionState> change)
    {
        for (var race = 1; ; race++)
        {
            await LoadAsync();
            var next = new GrainState<PartitionState>(change(State), _stored.ETag!) { RecordExists = _stored.RecordExists };
            try
            {
                await storage.WriteStateAsync(StateName, grain, next);
                _stored = next;
                return;
            }
            catch (InconsistentStateException) when (race < MaxRaces)
            {
                // Another activation wrote between our read and our write.
            }
        }
    }

    /// <summary>Writes over exactly the record last known; throws where somebody else has written since.</summary>
    /// <exception cref="InconsistentStateException">The record has moved.</exception>
    public async Task ReplaceAsync(PartitionState state)
    {
        var next = new GrainState<PartitionState>(state, _stored.ETag!) { RecordExists = _stored.RecordExists };
        await storage.WriteStateAsync(StateName, grain, next);
        _stored = next;
    }

    /// <summary>Deletes the record; nothing happens where there is none.</summary>
    public async Task ClearAsync()
    {
        await LoadAsync();
        await storage.ClearStateAsync(StateName, grain, _stored);
    }

    /// <summary>Whether the stored record still has this epoch, by a strongly consistent read.</summary>
    public async Task<bool> IsCurrentAsync(long epoch)
    {
        var read = new GrainState<PartitionState>(new PartitionState());
        await storage.ReadStateAsync(StateName, grain, read);
        return read.RecordExists && read.State!.Epoch == epoch;
    }
}

/// <summary>What a partition stores of itself.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PartitionState")]
public sealed record PartitionState
{
    /// <summary>One more with every activation that rebuilds, and with every resize and retirement.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    /// <summary>Partitions of the class, as far as this one knows; 0 before it was ever opened.</summary>
    [Id(1)]
    public int Partitions { get; init; }

    /// <summary>The job is deleted.</summary>
    [Id(2)]
    public bool Retired { get; init; }

    /// <summary>The counters at a clean deactivation; null while an activation may be changing rows.</summary>
    [Id(3)]
    public ClassTally? Left { get; init; }

    /// <summary>The policy revision <see cref="Left"/> is of.</summary>
    [Id(4)]
    public int PolicyRevision { get; init; }

    /// <summary>Who had voted at the last clean deactivation; null before, and once images may have moved to other partitions.</summary>
    [Id(5)]
    public KnownWorkers? LeftWorkers { get; init; }
}

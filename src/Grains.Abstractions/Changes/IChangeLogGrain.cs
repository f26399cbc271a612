using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>Writes the change log for processes that write to no store themselves, near whoever asks. All activations are alike.</summary>
[Alias("BulkQA.IChangeLogGrain"), Version(1)]
public interface IChangeLogGrain : IGrainWithIntegerKey
{
    /// <summary>Writes a record, over the one of the same position. Durable on return; idempotent.</summary>
    [Alias("Write"), SafeToRepeat]
    Task WriteAsync(ChangeRecord record);

    /// <summary>Takes a record out whose change was not made. Idempotent.</summary>
    [Alias("Remove"), SafeToRepeat]
    Task RemoveAsync(ChangePosition position);
}

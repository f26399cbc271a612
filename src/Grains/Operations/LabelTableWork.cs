using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Writes the label table's rows of all images that have changed since they were last written.</summary>
internal sealed class LabelTableWork(IGrainFactory grains) : IOperationWork
{
    public OperationKind Kind => OperationKind.LabelTable;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        if (await grains.GetGrain<IJobGrain>(operation.Incarnation.Job.Key).ReadAsync(operation.Incarnation) is not { } job)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        operation = await WriteAsync(operation, job.RulesRevision, all: true, report, cancellation);
        return operation.HasEnded ? operation : operation with { State = OperationState.Done };
    }

    /// <summary>Class by class, after the operation's position.</summary>
    /// <param name="operation">Which counts classes.</param>
    /// <param name="rulesRevision">Verdicts are by this revision of the job's rules or by a later one.</param>
    /// <param name="all">Whether rows of all tasks are written, or of those alone that have all their answers.</param>
    /// <param name="report">Told after each class.</param>
    /// <param name="cancellation">Ends it between two classes.</param>
    /// <returns>The operation after its last class, not ended; or failed, where the job is gone.</returns>
    public async Task<Operation> WriteAsync(Operation operation, int rulesRevision, bool all, Func<Operation, Task> report, CancellationToken cancellation)
    {
        if (await grains.GetGrain<IJobClassesGrain>(operation.Incarnation.Value).ListAsync() is not { } labels)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        foreach (var (index, label) in labels.Index())
        {
            if (operation.Position is { } last && string.CompareOrdinal(label.Value, last) <= 0) continue;
            cancellation.ThrowIfCancellationRequested();
            var address = new ClassAddress(operation.Incarnation, label);
            for (var number = 0; number < await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync(); number++)
                await grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, number).Key).WriteLabelsAsync(all, rulesRevision);
            operation = operation with { Position = label.Value, Done = index + 1, Total = labels.Length };
            await report(operation);
        }
        return operation;
    }
}

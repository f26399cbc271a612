using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Audits a job class by class.</summary>
internal sealed class AuditWork(IGrainFactory grains) : IOperationWork
{
    public OperationKind Kind => OperationKind.Audit;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        if (await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetClassesAsync(incarnation) is not { } labels)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        var found = operation.Audit ?? AuditReport.Nothing;
        foreach (var (index, label) in labels.Index())
        {
            if (operation.Position is { } last && string.CompareOrdinal(label.Value, last) <= 0) continue;
            found += await grains.GetGrain<IClassGrain>(new ClassAddress(incarnation, label).Key).AuditAsync();
            operation = operation with { Audit = found, Position = label.Value, Done = index + 1, Total = labels.Length };
            await report(operation);
        }
        return operation with { State = OperationState.Done, Audit = found, Done = labels.Length, Total = labels.Length };
    }
}

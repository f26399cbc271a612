using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Audits a job class by class.</summary>
internal sealed class AuditWork(IGrainFactory grains) : IOperationWork
{
    public OperationKind Kind => OperationKind.Audit;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        if (await grains.GetGrain<IJobClassesGrain>(incarnation.Value).ListAsync() is not { } labels)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        var found = operation.Audit ?? AuditReport.Nothing;
        foreach (var (index, label) in labels.Index())
        {
            if (operation.Position is { } last && string.CompareOrdinal(label.Value, last) <= 0) continue;
            found += await AuditAsync(new ClassAddress(incarnation, label));
            operation = operation with { Audit = found, Position = label.Value, Done = index + 1, Total = labels.Length };
            await report(operation);
        }
        return operation with { State = OperationState.Done, Audit = found, Done = labels.Length, Total = labels.Length };
    }

    /// <summary>Partition by partition, each a call of its own: a large class takes a while.</summary>
    private async Task<AuditReport> AuditAsync(ClassAddress address)
    {
        var report = AuditReport.Nothing;
        for (var number = 0; number < await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync(); number++)
            report += await grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, number).Key).AuditAsync();
        if (await grains.GetGrain<IClassGrain>(address.Key).HasGoldAsync()) report += await grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(address).Key).AuditAsync();
        return report;
    }
}

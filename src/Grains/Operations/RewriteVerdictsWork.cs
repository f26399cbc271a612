using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Follows a change of policy: first every class is told, so that tables are right; then the rows whose verdict is of an
/// older policy are rewritten.
/// </summary>
internal sealed class RewriteVerdictsWork(IGrainFactory grains) : IOperationWork
{
    public OperationKind Kind => OperationKind.RewriteVerdicts;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var incarnation = operation.Incarnation;
        var jobGrain = grains.GetGrain<IJobGrain>(incarnation.Job.Key);
        var job = await jobGrain.TellPolicyAsync(incarnation);
        if (job is null || await jobGrain.GetClassesAsync(incarnation) is not { } labels)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        foreach (var (index, label) in labels.Index())
        {
            if (operation.Position is { } last && string.CompareOrdinal(label.Value, last) <= 0) continue;
            var address = new ClassAddress(incarnation, label);
            for (var shard = 0; shard < Shard.Count; shard++) await grains.GetGrain<IClassGrain>(address.Key).RewriteVerdictsAsync(new Shard(shard));
            operation = operation with { Position = label.Value, Done = index + 1, Total = labels.Length };
            await report(operation);
        }
        return await jobGrain.VerdictsRewrittenAsync(incarnation, job.PolicyRevision)
            ? operation with { State = OperationState.Done, Done = labels.Length, Total = labels.Length }
            : operation with { Done = 0, Position = null };
    }
}

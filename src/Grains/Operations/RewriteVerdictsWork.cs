using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// Follows a change of what verdicts are decided by: first every class is told, so that tables are right; then the label table's rows whose verdict
/// is by older rules are rewritten, where the job has such.
/// </summary>
internal sealed class RewriteVerdictsWork(IGrainFactory grains, LabelTableWork labelTable) : IOperationWork
{
    public OperationKind Kind => OperationKind.RewriteVerdicts;

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var jobGrain = grains.GetGrain<IJobGrain>(operation.Incarnation.Job.Key);
        // Whoever answers knows then what is stored.
        await jobGrain.ReadAsync(operation.Incarnation);
        if (await jobGrain.TellRulesAsync(operation.Incarnation) is not { } job)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        if (job.Settings.LabelTable == LabelTableMode.OnDone) operation = await labelTable.WriteAsync(operation, job.RulesRevision, all: false, report, cancellation);
        if (operation.HasEnded) return operation;
        return await jobGrain.VerdictsRewrittenAsync(operation.Incarnation, job.RulesRevision)
            ? operation with { State = OperationState.Done, Done = operation.Total }
            : operation with { Done = 0, Position = null };
    }
}

using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Logging;

namespace BulkQA.Grains;

/// <content>What goes on in the background: sweeping deleted incarnations, rewriting verdicts after a change of policy.</content>
public sealed partial class JobGrain
{
    private const int SweepPage = 1_000;

    private static readonly TimeSpan _workInterval = TimeSpan.FromSeconds(1);

    private bool HasWork => Living is { RewritePending: true } || record.State.Graves.Any(grave => !grave.Done);

    public Task ResumeAsync()
    {
        if (HasWork) EnsureWorking();
        return Task.CompletedTask;
    }

    private void EnsureWorking() => _work ??= this.RegisterGrainTimer(
        WorkAsync, new GrainTimerCreationOptions(TimeSpan.Zero, _workInterval) { Interleave = true, KeepAlive = true });

    private async Task WorkAsync()
    {
        try
        {
            foreach (var grave in record.State.Graves.Where(grave => !grave.Done)) await SweepAsync(grave);
            if (Living is { RewritePending: true } living) await RewriteAsync(living);
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogWorkDelayed(e, this.GetPrimaryKeyString());
        }
        if (HasWork) return;
        _work?.Dispose();
        _work = null;
    }

    /// <summary>
    /// Sweeps once, and once more a while later: a write that was under way when the partitions retired may land after
    /// the first. Each step can be repeated.
    /// </summary>
    private async Task SweepAsync(Grave grave)
    {
        if (grave.SweptAt is { } sweptAt && time.GetUtcNow() < sweptAt + options.Value.SweepAgainAfter) return;
        foreach (var label in grave.Labels) await Class(grave.Incarnation, label).RetireAsync();
        foreach (var label in grave.Labels)
            for (var shard = 0; shard < Shard.Count; shard++)
                while (await table.DeleteAsync(new ClassAddress(grave.Incarnation, label), new Shard(shard), SweepPage) == SweepPage) { }
        if (grave.SweptAt is null)
        {
            foreach (var numbers in Enumerable.Range(0, grave.NextTask).Chunk(100))
                await Task.WhenAll(numbers.Select(number =>
                    GrainFactory.GetGrain<ITaskGrain>(ITaskGrain.Key(grave.Incarnation, new TaskNumber(number))).DeleteAsync()));
            await objects.DeleteAllAsync(grave.Incarnation);
        }
        else
        {
            foreach (var label in grave.Labels) await Class(grave.Incarnation, label).ForgetAsync();
        }
        using var turn = await _changes.EnterAloneAsync();
        var now = time.GetUtcNow();
        var next = grave.SweptAt is null ? grave with { SweptAt = now } : grave with { Done = true, Labels = [] };
        var graves = record.State.Graves.Replace(grave, next)
            .RemoveAll(old => old.Done && old.DeletedAt + options.Value.TombstoneLifetime < now);
        await SaveAsync(record.State with { Graves = graves });
        if (Living is null && !HasWork)
            await GrainFactory.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).RemoveAsync(grave.Incarnation.Job);
    }

    private async Task RewriteAsync(LivingJob living)
    {
        foreach (var label in living.Labels)
            for (var shard = 0; shard < Shard.Count; shard++)
                await Class(living.Info.Incarnation, label).RewriteVerdictsAsync(new Shard(shard));
        using var turn = await _changes.EnterAloneAsync();
        // Another change of policy meanwhile starts it over.
        if (Find(living.Info.Incarnation) is { } now && now.Info.PolicyRevision == living.Info.PolicyRevision)
            await SaveAsync(record.State with { Living = now with { RewritePending = false } });
    }

    [LoggerMessage(LogLevel.Warning, "Background work of job {Job} could not go on and will be tried again")]
    private partial void LogWorkDelayed(Exception exception, string job);
}

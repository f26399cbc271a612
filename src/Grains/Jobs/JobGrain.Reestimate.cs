using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Estimating anew by itself: an operation that goes on for as long as the job says when.</content>
public sealed partial class JobGrain
{
    public async Task<JobInfo?> AdoptReestimatedAsync(Incarnation incarnation, int model)
    {
        using (await _changes.EnterAloneAsync())
        {
            if (Find(incarnation) is not { } living) return null;
            if (living.ReestimatedModel >= model) return living.Info;
            var job = living.Info;
            living = living with { ReestimatedModel = model };
            if (job.Settings is { Policy.Level: not null, Reestimate: not null } && await FindAdoptableAsync(job, model) is { } adopted)
                living = await WithRulesAsync(living with { Info = job with { Model = adopted } });
            await SaveAsync(living);
        }
        return await TellRulesAsync(incarnation);
    }

    /// <summary>The life after a change: whether and when to look, and what may still be adopted by itself, follow it.</summary>
    private async Task<LivingJob> WithReestimationAsync(LivingJob before, LivingJob after, bool chooses)
    {
        var (was, now) = (before.Info.Settings, after.Info.Settings);
        if ((was.Reestimate ?? now.Reestimate) is not null && (was.Reestimate != now.Reestimate || was.Policy != now.Policy || before.Info.State != after.Info.State))
            after = after with { ReestimateRevision = after.ReestimateRevision + 1 };
        if (!chooses && (was.Policy.Level is null || now.Policy.Level is not null)) return after;
        var newest = (await GrainFactory.GetGrain<IReliabilityGrain>(after.Info.Incarnation.Value).ListAsync()).FirstOrDefault()?.Number ?? 0;
        return after with { ReestimatedModel = Math.Max(newest, after.ReestimatedModel) };
    }

    private async Task<AdoptedModel?> FindAdoptableAsync(JobInfo job, int number)
    {
        var registry = GrainFactory.GetGrain<IReliabilityGrain>(job.Incarnation.Value);
        return await registry.GetAsync(number) is { Result: { LabelsSwitched: false } result } && await registry.KeepAsync(number) is not null ? new AdoptedModel(number, result.Name) : null;
    }

    /// <summary>
    /// Sees to it that somebody looks when it is time. After the change is written down: an operation that finds no use for itself ends. Whoever
    /// starts the silo anew, or repeats the call, starts the operation, too, where this comes to nothing.
    /// </summary>
    private async Task StartReestimatingAsync()
    {
        // A revision of its own for each change: an operation that is ending because the job had no use for it begins again, and one that rests looks at once.
        if (Living is not { ReestimateRevision: > 0 } living) return;
        // One that has no use for itself any more ends at once, and not when it looks next.
        if (living.Info.Reestimates || (await Operations().ListAsync()).Any(known => known is { Kind: OperationKind.Reestimate, HasEnded: false } && known.Incarnation == living.Info.Incarnation))
            await Operations().StartAsync(OperationKind.Reestimate, living.Info.Incarnation, living.ReestimateRevision.ToString(CultureInfo.InvariantCulture));
    }
}

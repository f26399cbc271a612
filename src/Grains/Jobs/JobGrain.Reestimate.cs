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

    private async Task<AdoptedModel?> FindAdoptableAsync(JobInfo job, int number)
    {
        var registry = GrainFactory.GetGrain<IReliabilityGrain>(job.Incarnation.Value);
        return await registry.GetAsync(number) is { Result: { LabelsSwitched: false } result } && await registry.KeepAsync(number) is not null ? new AdoptedModel(number, result.Name) : null;
    }

    /// <summary>
    /// Sees to it that somebody looks when it is time. After the setting is written down: an operation that finds none ends. Whoever starts the
    /// silo anew starts the operation, too, where this comes to nothing.
    /// </summary>
    private async Task StartReestimatingAsync()
    {
        // A revision of its own for each setting: an operation that is ending because there was none begins again.
        if (Living is { Info.Settings.Reestimate: not null } living)
            await Operations().StartAsync(OperationKind.Reestimate, living.Info.Incarnation, living.ReestimateRevision.ToString(CultureInfo.InvariantCulture));
    }
}

using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Whose votes are set aside, and what was decided about that.</content>
public sealed partial class JobGrain
{
    public async Task<JobInfo?> SetAsideAsync(Incarnation incarnation, WorkerId worker, SetAsideWorker? setAside) =>
        (await DecideAsync(incarnation, new WorkerDecision(0, worker, setAside is not null, setAside?.Reason, setAside?.By ?? "", setAside?.At ?? time.GetUtcNow()), null))?.Job;

    public async Task<DecidedWorker?> DecideAsync(Incarnation incarnation, WorkerDecision decision, int? after)
    {
        using (await _changes.EnterAloneAsync())
        {
            if (Find(incarnation) is not { } living) return null;
            var last = living.LastDecisionOn(decision.Worker);
            // A call that is repeated must not win over what was decided between: it is known by what it says, or, where it said nothing new, by its time.
            if (!living.Decisions.Any(earlier => earlier with { Number = 0 } == decision with { Number = 0 }))
            {
                // Who names the last decision has seen it: clocks of hosts differ, and have no say then.
                if (after is { } expected ? expected != (last?.Number ?? 0) : decision.At < last?.At) return new DecidedWorker(living.Info, last?.Number ?? 0, IsRefused: true);
                var known = living.Info.SetAside;
                if (known.Any(earlier => earlier.Worker == decision.Worker) != decision.IsSetAside)
                {
                    if (known.Length >= JobLimits.MaxSetAside && decision.IsSetAside)
                        throw new BadInputException($"the votes of {known.Length} workers of job '{living.Info.Name}' are set aside, which is the most; have one's count again first");
                    var changed = decision.IsSetAside
                        ? [.. known.Add(new SetAsideWorker(decision.Worker, decision.Reason ?? "", decision.By, decision.At)).OrderBy(each => each.Worker.Value, StringComparer.Ordinal)]
                        : known.RemoveAll(earlier => earlier.Worker == decision.Worker);
                    await SaveAsync(await WithRulesAsync(living.With(decision) with { Info = living.Info with { SetAside = changed } }));
                }
            }
        }
        return await TellRulesAsync(incarnation) is { } job ? new DecidedWorker(job, Find(incarnation)?.LastDecisionOn(decision.Worker)?.Number ?? 0, IsRefused: false) : null;
    }

    public Task<ImmutableArray<WorkerDecision>> GetDecisionsAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.Decisions ?? []);
}

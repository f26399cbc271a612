using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>What is decided about workers: whose votes are set aside, and who qualifies by an operator's word.</content>
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
            if (!IsRepeated(living, decision))
            {
                if (IsRefused(last, decision, after)) return new DecidedWorker(living.Info, last?.Number ?? 0, IsRefused: true);
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

    public async Task<DecidedWorker?> RuleAsync(Incarnation incarnation, WorkerDecision decision, int? after)
    {
        var said = decision.Qualification ?? throw new ArgumentException("the decision is about no qualification", nameof(decision));
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living) return null;
        var (info, last) = (living.Info, living.LastDecisionOn(decision.Worker));
        if (info.Settings.PassMark is null) throw new BadInputException($"qualification: job '{info.Name}' asks for none");
        var standing = info.RulingOn(decision.Worker);
        var isRepeated = IsRepeated(living, decision);
        if (!isRepeated && IsRefused(last, decision, after)) return new DecidedWorker(info, last?.Number ?? 0, IsRefused: true);
        // To be had taken again is something new each time.
        if (!isRepeated && ((standing?.Decision ?? QualificationDecision.AsAnswered) != said || said == QualificationDecision.Again))
        {
            if (standing is null && info.Rulings.Length >= JobLimits.MaxRulings)
                throw new BadInputException($"qualification: it was decided about {info.Rulings.Length} workers of job '{info.Name}', which is the most; withdraw one first (asAnswered)");
            var rulings = info.Rulings.RemoveAll(ruling => ruling.Worker == decision.Worker);
            if (said != QualificationDecision.AsAnswered) rulings = rulings.Add(new QualificationRuling(decision.Worker, said, decision.At));
            living = living.With(decision) with { Info = info with { Rulings = [.. rulings.OrderBy(ruling => ruling.Worker.Value, StringComparer.Ordinal)] } };
            await SaveAsync(living);
        }
        return new DecidedWorker(living.Info, living.LastDecisionOn(decision.Worker)?.Number ?? 0, IsRefused: false);
    }

    public Task<ImmutableArray<WorkerDecision>> GetDecisionsAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.Decisions ?? []);

    /// <summary>A call that is repeated must not win over what was decided between: it is known by what it says, or, where it said nothing new, by its time.</summary>
    private static bool IsRepeated(LivingJob living, WorkerDecision decision) => living.Decisions.Any(earlier => earlier with { Number = 0 } == decision with { Number = 0 });

    /// <summary>Who names the last decision has seen it: clocks of hosts differ, and have no say then.</summary>
    private static bool IsRefused(WorkerDecision? last, WorkerDecision decision, int? after) =>
        after is { } expected ? expected != (last?.Number ?? 0) : decision.At < last?.At;
}

using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Whether anything is left for a team, in jobs that say how many answers each gives.</content>
public sealed partial class DispatchGrain
{
    /// <summary>Whether anybody could get a task of those for whom the worker may answer, or the worker holds one.</summary>
    private async Task<bool> IsWantedOfTeamsAsync(WorkerId worker, JobAssignment assignment)
    {
        var teams = await Quota(worker).FindTeamsAsync(assignment);
        if (teams.IsEmpty) return true;
        foreach (var team in teams)
            if (assignment.AnswersOf(team) is not { } answers || await IsWantedAsync(worker, new TeamShare(team, answers))) return true;
        return false;
    }

    /// <summary>Where a class wants the team's answers, mostly the first that is asked says so; that none does is remembered until one changes.</summary>
    private async Task<bool> IsWantedAsync(WorkerId worker, TeamShare share)
    {
        foreach (var label in _labels)
        {
            var (known, now) = (_classes[label], time.GetUtcNow());
            // What the worker holds it may have got there.
            var isLast = _lastClassOf.TryGetValue(worker, out var last) && last == label;
            if (!isLast && (!known.IsWanted || known.RestsUntil > now || (known.Unwanted.TryGetValue(share, out var at) && now - at < _rest))) continue;
            var told = known.Told;
            if (await Class(label).IsWantedAsync(worker, share.Team!.Value, share.Answers!.Value)) return true;
            if (told == known.Told) known.Unwanted[share] = now;
        }
        return false;
    }
}

namespace BulkQA.Core;

/// <content>
/// Whose answers a task still wants, in jobs that say how many each team gives. Which team an answer counts for follows from the worker's
/// <see cref="WorkerTeams"/>, of which somebody else tells.
/// </content>
public sealed partial class TaskDispatch
{
    private readonly Dictionary<WorkerId, WorkerTeams> _teamsOf = [];

    /// <summary>Workers whose teams may have changed since they were told: they have answered what they did not hold here.</summary>
    private readonly HashSet<WorkerId> _outdated = [];

    /// <summary>Of the fold's workers those before this one have told their teams.</summary>
    private int _firstUntold;

    /// <summary>Those who have answered something here and whose teams are to be told, by <see cref="Tell"/>, before anybody asks for a team.</summary>
    public IReadOnlyCollection<WorkerId> UnknownTeams
    {
        get
        {
            while (_firstUntold < fold.Workers.Count && _teamsOf.ContainsKey(fold.Workers[_firstUntold])) _firstUntold++;
            if (_firstUntold == fold.Workers.Count) return _outdated;
            return _outdated.Concat(fold.Workers.Skip(_firstUntold).Where(worker => !_teamsOf.ContainsKey(worker))).ToHashSet();
        }
    }

    /// <summary>By team the place before which no task wants its answer.</summary>
    private readonly Dictionary<TeamName, (int Place, TeamShare Share)> _placeOfTeam = [];

    /// <summary>Whether any worker of a team who has answered nothing yet could get a task. <see cref="UnknownTeams"/> must be empty.</summary>
    /// <param name="team">The team.</param>
    /// <param name="answers">How many answers it gives to each task.</param>
    /// <param name="now">The time.</param>
    public bool IsWanted(TeamName team, int answers, DateTimeOffset now)
    {
        if (!IsWanted(now)) return false;
        var share = new TeamShare(team, answers);
        var place = _placeOfTeam.TryGetValue(team, out var known) && known.Share == share ? Math.Max(_firstWanted, known.Place) : _firstWanted;
        while (place < _order.Count && !(Wants(_order[place]) && Wants(_order[place], share))) place++;
        if (_placeOfTeam.Count >= JobAssignment.MaxTeams && !_placeOfTeam.ContainsKey(team)) _placeOfTeam.Clear();
        _placeOfTeam[team] = (place, share);
        return place < _order.Count || _freed.Any(freed => Wants(_order[freed]) && Wants(_order[freed], share));
    }

    /// <summary>Which teams a worker answers and answered for.</summary>
    public void Tell(WorkerId worker, WorkerTeams teams)
    {
        _outdated.Remove(worker);
        // What it answered may count for another team now, which wants more or less by it.
        if (!teams.Equals(_teamsOf.GetValueOrDefault(worker, WorkerTeams.None)) && fold.CountAnswered(worker) > 0) LookAgain();
        _teamsOf[worker] = teams;
    }

    /// <summary>A worker has answered a task whole: perhaps otherwise than it is held, or as it was answered before.</summary>
    private void NoteTeam(TaskNumber task, WorkerId worker)
    {
        if (_teamsOf.Count == 0 || fold.AnsweredAt(task, worker) is not { } at) return;
        var isHeld = _heldBy.TryGetValue(worker, out var held) && held.Task == task;
        if (isHeld && _teamsOf.TryGetValue(worker, out var teams) && teams.At(at) == held.Team) return;
        _outdated.Add(worker);
        Free(task);
    }

    /// <summary>Whether a team may give a task one more answer, as far as its own number goes.</summary>
    private bool Wants(int task, TeamShare? share)
    {
        if (share is not { Team: { } team, Answers: { } most }) return true;
        var held = 0;
        if (_leases.TryGetValue(task, out var leases))
            foreach (var lease in leases)
                if (lease.Team == team) held++;
        return held + fold.CountWhole(new TaskNumber(task), (worker, at) => _teamsOf.TryGetValue(worker, out var teams) && teams.At(at) == team) < most;
    }
}

/// <summary>How many answers a worker's team gives to each task.</summary>
/// <param name="Team">The worker's; null for none.</param>
/// <param name="Answers">At most; null for any number.</param>
public readonly record struct TeamShare(TeamName? Team, int? Answers);

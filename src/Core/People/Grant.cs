namespace BulkQA.Core;

/// <summary>What a grant lets somebody do.</summary>
public enum PersonRole : byte
{
    /// <summary>Reads jobs, tables, images and exports.</summary>
    Viewer,

    /// <summary>Takes tasks and answers them.</summary>
    Worker,

    /// <summary>Reads like a viewer, and decides images.</summary>
    Adjudicator,

    /// <summary>Runs a team: its people, and the jobs that name it. There is no lead of the whole deployment.</summary>
    Lead,

    /// <summary>Everything.</summary>
    Operator,
}

/// <summary>A role, and where it holds: in the jobs of a team, in one job, or in the whole deployment where neither is given.</summary>
/// <param name="Role">What may be done.</param>
/// <param name="Team">The team in whose jobs; null for none.</param>
/// <param name="Job">The one job; null for none. Not with a team.</param>
public sealed record Grant(PersonRole Role, TeamName? Team = null, JobName? Job = null)
{
    /// <summary>Grants that one person may have.</summary>
    public const int MaxPerPerson = 200;

    /// <summary>Whether it holds in the whole deployment.</summary>
    public bool IsGlobal => Team is null && Job is null;

    /// <summary>Whether it lets somebody do everything everywhere.</summary>
    public bool IsForEverything => Role == PersonRole.Operator && IsGlobal;

    /// <summary>Whether it lets somebody answer, where it holds.</summary>
    public bool IsForAnswering => Role is PersonRole.Worker or PersonRole.Lead or PersonRole.Operator;

    /// <summary>Whether it holds in a job.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="teams">The teams that the job is for.</param>
    public bool HoldsIn(JobName job, IEnumerable<TeamName> teams) => IsGlobal || Job == job || (Team is { } team && teams.Contains(team));

    /// <summary>The teams that grants are for, each once.</summary>
    public static IEnumerable<TeamName> TeamsOf(IEnumerable<Grant> grants) => grants.Select(grant => grant.Team).OfType<TeamName>().Distinct();

    /// <summary>Why there can be no such grant; null where there can.</summary>
    public string? Problem => Team is not null && Job is not null ? "a grant is for a team or for a job, not for both"
        : Role == PersonRole.Lead && Team is null ? "a lead is the lead of a team; name it"
        : Role == PersonRole.Operator && Team is not null ? "an operator of a team's jobs is its lead; grant 'lead'"
        : null;

    /// <summary>As it stands in a session: <c>worker</c>, <c>worker@team/dogs</c>, <c>viewer@job/march</c>.</summary>
    public override string ToString() => Role.ToString().ToLowerInvariant() + (Team is { } team ? $"@team/{team.Key}" : Job is { } job ? $"@job/{job.Key}" : "");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out Grant? grant)
    {
        grant = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (!Enum.TryParse<PersonRole>(at < 0 ? text : text[..at], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsAsciiDigit(text[0])) return false;
        if (at < 0) grant = new Grant(role);
        else if (text[(at + 1)..].Split('/') is [var kind, var name])
            grant = kind == "team" && TeamName.TryCreate(name, out var team, out _) ? new Grant(role, team) : kind == "job" && JobName.TryCreate(name, out var job, out _) ? new Grant(role, Job: job) : null;
        return grant is not null;
    }
}

namespace BulkQA.Web;

/// <summary>Who is signed in, as <c>GET /v1/me</c> tells it.</summary>
public sealed record CallerModel
{
    public static CallerModel Nobody { get; } = new();

    public string? Person { get; init; }
    public string Name { get; init; } = "";
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What a person may do, and where; nothing for keys and tokens.</summary>
    public IReadOnlyList<GrantSettingsModel> Grants { get; init; } = [];

    public bool IsOperator => Roles.Contains("operator");

    public bool MayLead => IsOperator || Roles.Contains("lead");

    /// <summary>Whether images of the job may be decided.</summary>
    public bool MayAdjudicate(JobModel job) => Person is null ? IsOperator || Roles.Contains("adjudicator") : Grants.Any(grant => grant.Role is "adjudicator" or "lead" or "operator" && grant.HoldsIn(job));

    /// <summary>Whether it is worth offering to change the job: as its operator, or as the lead of a team that it is for.</summary>
    public bool MayRun(JobModel job) => IsOperator || Grants.Any(grant => grant.Role is "operator" or "lead" && (grant.Role == "operator" || grant.Team is not null) && grant.HoldsIn(job));
}

/// <summary>A role, and where it holds: in the jobs of a team, in one job, or everywhere.</summary>
public sealed record GrantSettingsModel
{
    public string? Role { get; init; }
    public string? Team { get; init; }
    public string? Job { get; init; }

    public bool HoldsIn(JobModel job) =>
        Job is { } one ? one.Equals(job.Name, StringComparison.OrdinalIgnoreCase)
        : Team is null || job.Assignment?.Teams?.Contains(Team, StringComparer.OrdinalIgnoreCase) is true;
}

/// <summary>Some of a list, and where it goes on.</summary>
public sealed record PageModel<T>(IReadOnlyList<T> Items, string? NextCursor);

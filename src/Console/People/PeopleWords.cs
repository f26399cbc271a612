namespace BulkQA.Web.People;

/// <summary>What is said of what people may do.</summary>
public static class PeopleWords
{
    public static readonly IReadOnlyList<(string Role, string Does)> Roles =
    [
        ("worker", "takes batches and answers them"),
        ("viewer", "reads jobs, tables, images and exports"),
        ("adjudicator", "reads, and decides images"),
        ("lead", "runs a team: its people, invitations, new jobs, and all in its jobs"),
        ("operator", "everything"),
    ];

    public static string Does(string? role) => Roles.FirstOrDefault(entry => entry.Role == role).Does ?? "";

    /// <summary>A grant in words.</summary>
    public static string Grant(GrantSettingsModel grant) => grant switch
    {
        { Team: { } team } => $"{grant.Role} of team {team}",
        { Job: { } job } => $"{grant.Role} of job {job}",
        _ => $"{grant.Role} everywhere",
    };

    /// <summary>The teams that a caller leads; none for an operator, who may name any.</summary>
    public static IReadOnlyList<string> TeamsOf(CallerModel caller) =>
        caller.IsOperator ? [] : [.. caller.Grants.Where(grant => grant is { Role: "lead", Team: not null }).Select(grant => grant.Team!).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>How a link that REST names by its own address begins in this browser.</summary>
    public static string LinkOf(string link, string baseUri) => Uri.TryCreate(link, UriKind.Absolute, out var uri) ? new Uri(new Uri(baseUri), uri.PathAndQuery + uri.Fragment).ToString() : link;
}

using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What a caller may do with people: an operator everything, a lead what concerns the lead's own teams alone.</summary>
internal sealed class Leading
{
    private readonly bool _leadsAll;
    private readonly List<TeamName> _teams;

    public Leading(ClaimsPrincipal caller)
        : this(caller.Grants()) =>
        // A key or token that reaches over all jobs; what a person may is said by its grants, whatever it may do where this request leads.
        _leadsAll = _leadsAll || (caller.Person() is null && caller.IsInRole(Role.Operator) && !caller.IsConfined());

    public Leading(IEnumerable<Grant> grants)
    {
        var all = grants.ToList();
        _leadsAll = all.Exists(grant => grant.IsForEverything);
        _teams = [.. Grant.TeamsOf(all.Where(grant => grant.Role == PersonRole.Lead))];
    }

    public bool LeadsAll => _leadsAll;

    public IReadOnlyList<TeamName> Teams => _teams;

    public bool Leads(TeamName team) => _leadsAll || _teams.Contains(team);

    /// <summary>The team that a listing is to be of, as the caller may ask for it: without a name all for an operator, and a lead's only team.</summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public ProblemHttpResult? ReadTeam(string? given, out TeamName? team)
    {
        team = null;
        if (given is null)
        {
            if (_leadsAll) return null;
            if (_teams is not [var only]) return Problem.Invalid("team: name one of the teams that you lead");
            team = only;
            return null;
        }
        if (!TeamName.TryCreate(given, out var name, out var problem)) return Problem.Invalid($"team: {problem}");
        if (!Leads(name)) return PeopleEndpoints.NoTeam(given);
        team = name;
        return null;
    }

    /// <summary>Whether the caller may give somebody that, take it away, or see that somebody has it.</summary>
    public bool MayGive(Grant grant) => _leadsAll || (grant.Team is { } team && _teams.Contains(team));

    /// <summary>Whether the caller knows of the person at all.</summary>
    public bool Sees(Person person) => _leadsAll || person.Grants.Any(MayGive);

    /// <summary>
    /// Whether the person is the caller's alone to rename, suspend, or send a link for a new password: somebody with other grants, too, would lose
    /// more than the caller may take, or lend the caller more than it has.
    /// </summary>
    public bool Owns(Person person) => _leadsAll || (person.Grants.Length > 0 && person.Grants.All(MayGive));
}

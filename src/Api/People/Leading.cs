using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;

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
        _leadsAll = all.Exists(grant => grant is { Role: PersonRole.Operator, IsGlobal: true });
        _teams = [.. all.Where(grant => grant.Role == PersonRole.Lead).Select(grant => grant.Team).OfType<TeamName>().Distinct()];
    }

    public bool LeadsAll => _leadsAll;

    public IReadOnlyList<TeamName> Teams => _teams;

    public bool Leads(TeamName team) => _leadsAll || _teams.Contains(team);

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

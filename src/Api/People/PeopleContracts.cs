using System.Collections.Immutable;
using System.ComponentModel;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>A role, and where it holds: in the jobs of a team, in one job, or everywhere.</summary>
public sealed record GrantSettings
{
    [Description("viewer, worker, adjudicator, lead (of a team: its people, and everything in its jobs) or operator")]
    public string? Role { get; init; }

    [Description("The team in whose jobs it holds; not with a job")]
    public string? Team { get; init; }

    [Description("The one job in which it holds; without a team and a job it holds everywhere")]
    public string? Job { get; init; }

    /// <summary>All grants, or what is wrong with some.</summary>
    internal static ImmutableArray<Grant> Read(IReadOnlyList<GrantSettings>? given, string field, List<(string Field, string Problem)> problems)
    {
        var grants = ImmutableArray.CreateBuilder<Grant>();
        foreach (var (index, one) in (given ?? []).Index())
        {
            var where = $"{field}[{index}]";
            if (!Enum.TryParse<PersonRole>(one.Role, ignoreCase: true, out var role) || !Enum.IsDefined(role) || int.TryParse(one.Role, out _))
            {
                problems.Add(($"{where}.role", $"'{one.Role}' is none of viewer, worker, adjudicator, lead and operator"));
                continue;
            }
            TeamName team = default;
            JobName job = default;
            if (one.Team is not null && !TeamName.TryCreate(one.Team, out team, out var problem)) problems.Add(($"{where}.team", problem));
            else if (one.Job is not null && !JobName.TryCreate(one.Job, out job, out problem)) problems.Add(($"{where}.job", problem));
            else if (new Grant(role, one.Team is null ? null : team, one.Job is null ? null : job) is var grant && grant.Problem is { } wrong) problems.Add((where, wrong));
            else grants.Add(grant);
        }
        return [.. grants.Distinct()];
    }

    internal static GrantSettings Of(Grant grant) => new() { Role = grant.Role.ToString().ToLowerInvariant(), Team = grant.Team?.Value, Job = grant.Job?.Value };
}

/// <summary>Somebody to be made known, without a way to sign in: an identity provider or a link to set a password gives one.</summary>
public sealed record PersonRequest
{
    [Description("As others see it; at most 100 characters"), NotRecorded]
    public string? Name { get; init; }

    [Description("What the person types to sign in: an e-mail address, or a name without white space; default none"), NotRecorded]
    public string? SignInName { get; init; }

    [Description("What the person may do; default nothing")]
    public IReadOnlyList<GrantSettings>? Grants { get; init; }
}

/// <summary>What is to become different about a person; what is left out stays.</summary>
public sealed record PersonPatch
{
    [Description("As others see it; at most 100 characters"), NotRecorded]
    public string? Name { get; init; }

    [Description("What the person types to sign in"), NotRecorded]
    public string? SignInName { get; init; }

    [Description("active or suspended: whoever is suspended loses access within a minute, and nothing else")]
    public string? State { get; init; }

    [Description("Grants that come to those there are")]
    public IReadOnlyList<GrantSettings>? Add { get; init; }

    [Description("Grants that go")]
    public IReadOnlyList<GrantSettings>? Remove { get; init; }

    [Description("The revision that the change is made from: 409 where another is current; default any")]
    public int? After { get; init; }
}

/// <summary>How a link to set a new password is to be.</summary>
public sealed record PasswordLinkRequest
{
    [Description("true: takes away password and passkeys and ends all sessions at once, so that the link alone leads in; default false: they stay until the link is taken, which ends all sessions and leaves passkeys that are not removed with it")]
    public bool Reset { get; init; }
}

/// <summary>Somebody who works here.</summary>
/// <param name="Id">For ever the same; the person's answers are kept under it as worker.</param>
/// <param name="SignInName">What the person types to sign in; null where an identity provider does that.</param>
/// <param name="State"><c>active</c>, <c>suspended</c> or <c>erased</c>.</param>
/// <param name="Grants">What the person may do; to a lead, those for the lead's teams.</param>
/// <param name="Revision">Raised by each change.</param>
/// <param name="Issuer">The identity provider by which the person signs in; null for none.</param>
/// <param name="WorkerIds">Ids under which the person's answers arrive by other paths, such as Ground Truth's; null to whoever is no operator of the whole deployment.</param>
public sealed record PersonResponse(
    string Id, string Name, string? SignInName, string State, IReadOnlyList<GrantSettings> Grants, DateTimeOffset CreatedAt, int Revision, string? Issuer, IReadOnlyList<string>? WorkerIds)
{
    internal static PersonResponse Of(Person person, Leading leading) => new(
        person.Id.Value, person.Name, person.SignInName?.Value, person.State.ToString().ToLowerInvariant(),
        [.. person.Grants.Where(leading.MayGive).Select(GrantSettings.Of)], person.CreatedAt, person.Revision, person.Login?.Issuer,
        leading.LeadsAll ? [.. person.WorkerIds.Select(worker => worker.Value)] : null);
}

/// <summary>A link that makes whoever follows it somebody here.</summary>
public sealed record InvitationRequest
{
    [Description("What whoever takes it may do; at least one")]
    public IReadOnlyList<GrantSettings>? Grants { get; init; }

    [Description("How many people may take it, from 1 to 1000; default 1")]
    public int Uses { get; init; } = 1;

    [Description("For how many days it may be taken, from 1 to 90; default 7")]
    public int Days { get; init; } = 7;

    [Description("What it is for, in your words; at most 200 characters"), NotRecorded]
    public string? Note { get; init; }
}

/// <summary>An invitation.</summary>
/// <param name="Link">What to send to whom it is for. Told only once, when it is made: what is stored can't be followed.</param>
/// <param name="For">Whom alone it is for, to set a new password; null for whoever has the link.</param>
/// <param name="Used">How many have taken it.</param>
/// <param name="State"><c>open</c>, <c>used</c>, <c>expired</c> or <c>revoked</c>.</param>
public sealed record InvitationResponse(
    string Id, string? Link, IReadOnlyList<GrantSettings> Grants, string? For, int Uses, int Used, DateTimeOffset ExpiresAt, string CreatedBy, DateTimeOffset CreatedAt, string? Note, string State)
{
    internal static InvitationResponse Of(Invitation invitation, DateTimeOffset now, string? link = null) => new(
        invitation.Id, link, [.. invitation.Grants.Select(GrantSettings.Of)], invitation.For?.Value, invitation.MaxUses, invitation.Uses.Length, invitation.ExpiresAt, invitation.CreatedBy,
        invitation.CreatedAt, invitation.Note, invitation.IsOpen(now) ? "open" : invitation.IsRevoked ? "revoked" : invitation.Uses.Length >= invitation.MaxUses ? "used" : "expired");
}

/// <summary>A team, to be made or described anew.</summary>
public sealed record TeamRequest
{
    [Description("What it is for; at most 500 characters")]
    public string? Description { get; init; }
}

/// <summary>People who work on the same jobs.</summary>
public sealed record TeamResponse(string Name, string Description, DateTimeOffset CreatedAt)
{
    internal static TeamResponse Of(Team team) => new(team.Name.Value, team.Description, team.CreatedAt);
}

/// <summary>Who calls.</summary>
/// <param name="Person">The person's id; null for keys and tokens.</param>
/// <param name="Roles">What may be done outside of single jobs.</param>
/// <param name="Grants">What a person may do, and where.</param>
public sealed record CallerResponse(string? Person, string Name, IReadOnlyList<string> Roles, IReadOnlyList<GrantSettings> Grants);

using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// People whom an identity provider vouches for: made known at their first sign-in, where its groups stand for something here, and granted what
/// those stand for at each.
/// </summary>
internal sealed class PeopleByProvider(IGrainFactory grains, UserManager<PersonUser> users, SessionStart sessions, IOptions<OidcOptions> oidc) : IExternalSignIn
{
    public async Task<bool> SignInAsync(HttpContext context, ExternalIdentity identity)
    {
        var login = new ExternalLogin(identity.Issuer, identity.Subject);
        var given = GrantsOf(identity, oidc.Value.TeamsByGroup.Count > 0);
        foreach (var team in Grant.TeamsOf(given))
            if (await grains.GetGrain<ITeamGrain>(team.Key).GetAsync() is null) await grains.GetGrain<ITeamGrain>(team.Key).PutAsync(team, "");
        if ((await FindAsync(login) ?? await CreateAsync(login, identity, given)) is not { } person) return false;
        // What somebody was granted by hand stays, whatever the groups say.
        if ((await PeopleEndpoints.Person(grains, person).ChangeAsync(new PersonChange { ByProvider = given })).Refusal != PersonRefusal.None) return false;
        if (await users.FindByIdAsync(person.Value) is not { MaySignIn: true } user || user.Person.Grants.IsEmpty) return false;
        return await sessions.BeginAsync(user, SignInMeans.Provider, OidcSession.Mark(new AuthenticationProperties()));
    }

    private async Task<PersonId?> FindAsync(ExternalLogin login) =>
        await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(login)).FindAsync() is { } holder
        && await PeopleEndpoints.Person(grains, holder).GetAsync() is { State: not PersonState.Erased } person && person.Login == login ? holder : null;

    /// <returns>Null where the groups stand for nothing here: then nobody is made known.</returns>
    private async Task<PersonId?> CreateAsync(ExternalLogin login, ExternalIdentity identity, ImmutableArray<Grant> given)
    {
        if (given.IsEmpty) return null;
        var name = new string([.. (identity.Name ?? identity.Email ?? "Unnamed").Where(character => !char.IsControl(character))]);
        var id = PersonId.New();
        var receipt = await PeopleEndpoints.Person(grains, id).CreateAsync(new PersonDraft(Utf8.Cut(name, Person.MaxNameLength), null, given, login) { ByProvider = given });
        // Somebody who signs in twice at once is one person.
        return receipt.Refusal == PersonRefusal.None ? id : await FindAsync(login);
    }

    /// <summary>
    /// Of the groups' roles that of an operator holds everywhere, and the others in the groups' teams: everywhere only where no group stands for a
    /// team at all, since leaving one must not widen anything. Whoever is in a team and has no role is a worker of it.
    /// </summary>
    internal static ImmutableArray<Grant> GrantsOf(ExternalIdentity identity, bool hasTeams)
    {
        var roles = identity.Roles.Select(role => Enum.TryParse<PersonRole>(role, ignoreCase: true, out var known) ? known : (PersonRole?)null).OfType<PersonRole>().ToList();
        var teams = identity.Teams.Select(team => TeamName.TryCreate(team, out var name, out _) ? name : (TeamName?)null).OfType<TeamName>().ToList();
        if (roles.Count == 0 && teams.Count > 0) roles.Add(PersonRole.Worker);
        return [.. roles.SelectMany(role => role == PersonRole.Operator || !hasTeams ? [new Grant(role)] : teams.Select(team => new Grant(role, team))).Where(grant => grant.Problem is null).Distinct().Take(Grant.MaxPerPerson)];
    }
}

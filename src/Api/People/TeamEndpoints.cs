using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Teams: operators make them, leads describe theirs.</summary>
internal static class TeamEndpoints
{
    private const int MaxPage = 200;

    public static void MapTeams(this IEndpointRouteBuilder app)
    {
        var teams = app.MapGroup("/v1/teams").WithTags("People").WithProblems().For(Role.Lead);
        teams.MapGet("/", ListAsync).WithSummary("All teams by name; for a lead, the lead's");
        teams.MapGet("/{team}", GetAsync).WithSummary("One team");
        teams.MapPut("/{team}", PutAsync).Records("putTeam").WithSummary("Makes a team, or describes one anew");
        teams.MapDelete("/{team}", DeleteAsync).Records("deleteTeam").WithSummary("Deletes a team that nobody belongs to and no job is for");
    }

    private static async Task<Results<Ok<Page<TeamResponse>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, IGrainFactory grains, IListings listings, CancellationToken cancellation, int limit = 50, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        var leading = new Leading(caller);
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, PeopleListings.Teams, 1) is not [var position]) return Problem.Invalid("cursor: not one of this listing");
            after = position;
        }
        var keys = leading.LeadsAll
            ? await listings.ReadAsync(PeopleListings.Teams, "", after, cancellation).Take(limit).ToListAsync(cancellation)
            : [.. leading.Teams.Select(team => team.Key).Order(StringComparer.Ordinal).Where(key => string.CompareOrdinal(key, after ?? "") > 0).Take(limit)];
        var found = await Task.WhenAll(keys.Select(key => grains.GetGrain<ITeamGrain>(key).GetAsync()));
        return TypedResults.Ok(new Page<TeamResponse>([.. found.OfType<Team>().Select(TeamResponse.Of)], keys.Count < limit ? null : Cursor.Write(PeopleListings.Teams, keys[^1])));
    }

    private static async Task<Results<Ok<TeamResponse>, ProblemHttpResult>> GetAsync(string team, ClaimsPrincipal caller, IGrainFactory grains) =>
        TeamName.TryCreate(team, out var name, out _) && new Leading(caller).Leads(name) && await grains.GetGrain<ITeamGrain>(name.Key).GetAsync() is { } found
            ? TypedResults.Ok(TeamResponse.Of(found)) : PeopleEndpoints.NoTeam(team);

    private static async Task<Results<Ok<TeamResponse>, Created<TeamResponse>, ProblemHttpResult>> PutAsync(string team, TeamRequest request, ClaimsPrincipal caller, IGrainFactory grains)
    {
        if (!TeamName.TryCreate(team, out var name, out var problem)) return Problem.Invalid($"team: {problem}");
        if (request.Description is { Length: > Team.MaxDescriptionLength }) return Problem.Invalid($"description: it has more than {Team.MaxDescriptionLength} characters");
        var leading = new Leading(caller);
        if (!leading.Leads(name)) return Problem.Forbidden("Operators make teams; a lead describes the lead's own.");
        var (made, isNew) = await grains.GetGrain<ITeamGrain>(name.Key).PutAsync(name, request.Description ?? "");
        return isNew ? TypedResults.Created($"/v1/teams/{made.Name}", TeamResponse.Of(made)) : TypedResults.Ok(TeamResponse.Of(made));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string team, ClaimsPrincipal caller, IGrainFactory grains, IListings listings, CancellationToken cancellation)
    {
        if (!new Leading(caller).LeadsAll) return Problem.Forbidden("Operators delete teams.");
        if (!TeamName.TryCreate(team, out var name, out _) || await grains.GetGrain<ITeamGrain>(name.Key).GetAsync() is not { } found) return PeopleEndpoints.NoTeam(team);
        // Whoever belonged to it would belong to the next team of that name.
        await foreach (var key in listings.ReadAsync(PeopleListings.PeopleOf(name), "", null, cancellation))
            if (await PeopleEndpoints.Person(grains, PeopleListings.PersonOf(key)).GetAsync() is { } person && person.Grants.Any(grant => grant.Team == name))
                return Problem.Conflict($"'{person.Name}' belongs to team '{found.Name}', and perhaps others do: take away their grants for it first.");
        await foreach (var job in listings.ReadAsync(PeopleListings.JobsOf(name), "", null, cancellation))
            if ((await grains.FindJobAsync(job))?.Settings.Assignment.Teams.Contains(name) is true)
                return Problem.Conflict($"Job '{job}' is for team '{found.Name}', and perhaps others are: assign them anew first.");
        // They would lead into the next team of that name.
        await foreach (var key in listings.ReadAsync(PeopleListings.InvitationsOf(name), "", null, cancellation))
            await grains.GetGrain<IInvitationGrain>(PeopleListings.InvitationOf(key)).RevokeAsync();
        await grains.GetGrain<ITeamGrain>(name.Key).DeleteAsync();
        return TypedResults.NoContent();
    }
}

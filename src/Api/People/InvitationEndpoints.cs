using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Links by which people become somebody here, without anybody who writes their passwords down.</summary>
internal static class InvitationEndpoints
{
    private const int MaxPage = 200;
    private const int MaxNoteLength = 200;

    public static void MapInvitations(this IEndpointRouteBuilder app)
    {
        var invitations = app.MapGroup("/v1/invitations").WithTags("People").WithProblems().For(Role.Lead);
        invitations.MapPost("/", CreateAsync).Records("createInvitation").WithSummary("Makes a link for one person or many; the link is told only in this answer");
        invitations.MapGet("/", ListAsync).WithSummary("Invitations, the latest first; for a lead, those into the lead's teams");
        invitations.MapDelete("/{invitation}", RevokeAsync).Records("revokeInvitation").WithSummary("Has nobody take the invitation any more");
    }

    private static async Task<Results<Created<InvitationResponse>, ProblemHttpResult>> CreateAsync(
        InvitationRequest request, HttpRequest http, ClaimsPrincipal caller, IGrainFactory grains, Invitations invitations, IConfiguration configuration, TimeProvider time)
    {
        var problems = new List<(string Field, string Problem)>();
        var grants = GrantSettings.Read(request.Grants, "grants", problems);
        if (grants.IsEmpty && problems.Count == 0) problems.Add(("grants", "an invitation gives at least one grant"));
        if (grants.Length > Grant.MaxPerPerson) problems.Add(("grants", $"{grants.Length} are given, {Grant.MaxPerPerson} is the most"));
        if (request.Uses is < 1 or > Invitation.MaxUsesLimit) problems.Add(("uses", $"{request.Uses} is not from 1 to {Invitation.MaxUsesLimit}"));
        if (request.Days < 1 || request.Days > Invitation.MaxLifetime.Days) problems.Add(("days", $"{request.Days} is not from 1 to {Invitation.MaxLifetime.Days}"));
        if (request.Note is { Length: > MaxNoteLength }) problems.Add(("note", $"it has more than {MaxNoteLength} characters"));
        if (request.Uses > 1 && grants.Any(grant => grant.Role is PersonRole.Operator)) problems.Add(("uses", "a link that makes operators is for one person"));
        if (problems.Count > 0) return Problem.Fields(problems);
        if (!SignInRegistration.IsEnabled(configuration)) return Problem.Conflict($"Nobody can sign in here: set {SignInOptions.Section}:{nameof(SignInOptions.Enabled)}, or an identity provider.");
        if (await PeopleEndpoints.RefusalOfAsync(grants, new Leading(caller), grains) is { } refusal) return refusal;
        var (invitation, link) = await invitations.CreateAsync(grants, null, request.Uses, TimeSpan.FromDays(request.Days), caller.Who(), request.Note);
        return TypedResults.Created($"/v1/invitations/{invitation.Id}", InvitationResponse.Of(invitation, time.GetUtcNow(), Absolute(http, link)));
    }

    private static async Task<Results<Ok<Page<InvitationResponse>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, Invitations invitations, IListings listings, TimeProvider time, CancellationToken cancellation, string? team = null, int limit = 50, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        var leading = new Leading(caller);
        if (leading.ReadTeam(team, out var one) is { } problem) return problem;
        var listing = one is { } only ? PeopleListings.InvitationsOf(only) : PeopleListings.Invitations;
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, listing, 1) is not [var position]) return Problem.Invalid("cursor: not one of this listing");
            after = position;
        }
        var keys = await listings.ReadAsync(listing, "", after, cancellation).Take(limit).ToListAsync(cancellation);
        var found = await Task.WhenAll(keys.Select(key => invitations.Grain(PeopleListings.InvitationOf(key)).GetAsync()));
        return TypedResults.Ok(new Page<InvitationResponse>(
            [.. found.OfType<Invitation>().Select(invitation => InvitationResponse.Of(invitation, time.GetUtcNow()))], keys.Count < limit ? null : Cursor.Write(listing, keys[^1])));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string invitation, ClaimsPrincipal caller, Invitations invitations)
    {
        var leading = new Leading(caller);
        // One that also gives what is not the caller's is another's.
        if (await invitations.Grain(invitation).GetAsync() is not { } found || !(leading.LeadsAll || found.CreatedBy == caller.Who() || (found.Grants.Length > 0 && found.Grants.All(leading.MayGive)))) return Problem.NotFound($"There is no invitation '{invitation}'.");
        await invitations.Grain(invitation).RevokeAsync();
        return TypedResults.NoContent();
    }

    /// <summary>A link that can be sent: as whoever made it reaches us.</summary>
    public static string Absolute(HttpRequest request, string link) => $"{request.Scheme}://{request.Host}{link}";
}

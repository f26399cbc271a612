using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>That somebody is signed in, in one browser.</summary>
/// <param name="Id">Names the session, and opens nothing.</param>
/// <param name="SeenAt">When it was used last, to within some minutes.</param>
/// <param name="Means">By what the person signed in: password, passkey, provider or link.</param>
/// <param name="Browser">Such as "Firefox", as the browser says; null where it says none that is known.</param>
/// <param name="System">Such as "Windows", likewise.</param>
/// <param name="IsThis">Whether this request came with it.</param>
public sealed record SessionResponse(string Id, DateTimeOffset BeganAt, DateTimeOffset SeenAt, string Means, string? Browser, string? System, bool IsThis)
{
    internal static IReadOnlyList<SessionResponse> Of(IEnumerable<PersonSession> sessions, string? current, SignInOptions options, DateTimeOffset now) =>
    [
        .. sessions.Where(session => !session.IsOver(now, options.SessionLifetime, options.Silence)).Select(session => new SessionResponse(
            session.Id, session.BeganAt, session.SeenAt, session.Means.ToString().ToLowerInvariant(), session.Browser, session.System, session.Id == current)),
    ];
}

/// <summary>Where people are signed in. What is ended is over in every process within <see cref="SignInOptions.CheckInterval"/>.</summary>
internal static class SessionEndpoints
{
    public static void MapPeoplesSessions(this IEndpointRouteBuilder app)
    {
        var own = app.MapGroup("/v1/me/sessions").WithTags("People").WithProblems().For(Role.SignedIn);
        own.MapGet("/", ListOwnAsync).WithSummary("Where the caller is signed in, the latest first; 50 at most");
        own.MapDelete("/", EndOthersAsync).Records("endOwnSessions").WithSummary("Ends all sessions of the caller but this one");
        own.MapDelete("/{session}", EndOwnAsync).Records("endOwnSession").WithSummary("Ends one session of the caller");
        var others = app.MapGroup("/v1/people/{person}/sessions").WithTags("People").WithProblems().For(Role.Lead);
        others.MapGet("/", ListAsync).WithSummary("Where a person is signed in, the latest first; 50 at most; for a lead, of whoever has no grants beyond the lead's teams");
        others.MapDelete("/", EndAllAsync).Records("endSessions").WithSummary("Signs a person out everywhere");
        others.MapDelete("/{session}", EndAsync).Records("endSession").WithSummary("Ends one session of a person");
    }

    private static async Task<Results<Ok<IReadOnlyList<SessionResponse>>, ProblemHttpResult>> ListOwnAsync(
        HttpContext context, ClaimsPrincipal caller, IGrainFactory grains, IOptions<SignInOptions> options, TimeProvider time) =>
        caller.Person() is { } person ? TypedResults.Ok(await ReadAsync(person, context, grains, options.Value, time)) : NoSession();

    private static async Task<Results<NoContent, ProblemHttpResult>> EndOthersAsync(HttpContext context, ClaimsPrincipal caller, IGrainFactory grains)
    {
        // One that was ended must not end the others.
        if (caller.Person() is not { } person || await PeopleEndpoints.Person(grains, person).GetAccountAsync() is not { } record || !SessionTicket.IsStanding(context, new PersonUser(record))) return NoSession();
        await PeopleEndpoints.Person(grains, person).EndSessionsAsync(SessionTicket.Of(context)?.Id);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndOwnAsync(string session, ClaimsPrincipal caller, IGrainFactory grains) =>
        caller.Person() is not { } person ? NoSession() : await PeopleEndpoints.Person(grains, person).EndSessionAsync(session) ? TypedResults.NoContent() : NoSession(session);

    private static async Task<Results<Ok<IReadOnlyList<SessionResponse>>, ProblemHttpResult>> ListAsync(
        string person, HttpContext context, ClaimsPrincipal caller, IGrainFactory grains, IOptions<SignInOptions> options, TimeProvider time)
    {
        var (found, refusal) = await FindAsync(person, caller, grains);
        return found is null ? refusal! : TypedResults.Ok(await ReadAsync(found.Id, context, grains, options.Value, time));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAllAsync(string person, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var (found, refusal) = await FindAsync(person, caller, grains);
        if (found is null) return refusal!;
        await PeopleEndpoints.Person(grains, found.Id).EndSessionsAsync(null);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(string person, string session, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var (found, refusal) = await FindAsync(person, caller, grains);
        if (found is null) return refusal!;
        return await PeopleEndpoints.Person(grains, found.Id).EndSessionAsync(session) ? TypedResults.NoContent() : NoSession(session);
    }

    private static async Task<IReadOnlyList<SessionResponse>> ReadAsync(PersonId person, HttpContext context, IGrainFactory grains, SignInOptions options, TimeProvider time) =>
        SessionResponse.Of((await PeopleEndpoints.Person(grains, person).GetAccountAsync())?.Sessions ?? [], SessionTicket.Of(context)?.Id, options, time.GetUtcNow());

    /// <summary>As with suspending: sessions of somebody with other grants, too, are none of a lead's business.</summary>
    private static async Task<(Person? Person, ProblemHttpResult? Refusal)> FindAsync(string person, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var leading = new Leading(caller);
        if (await PeopleEndpoints.FindAsync(person, leading, grains) is not { State: not PersonState.Erased } found) return (null, PeopleEndpoints.NoPerson(person));
        return leading.Owns(found) ? (found, null) : (null, Problem.Forbidden("This person has grants beyond your teams: an operator sees and ends its sessions."));
    }

    private static ProblemHttpResult NoSession() => Problem.Conflict("Keys and tokens have no sessions; people who sign in have.");

    private static ProblemHttpResult NoSession(string session) => Problem.NotFound($"There is no session '{session}', or not any more.");
}

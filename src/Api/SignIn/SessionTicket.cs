using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <summary>What a session's cookie says of the session, besides of its person.</summary>
internal static class SessionTicket
{
    private const string Began = "began";
    private const string Session = "session";

    private static readonly string _stampClaim = new ClaimsIdentityOptions().SecurityStampClaimType;

    public static AuthenticationProperties Write(AuthenticationProperties properties, string session, DateTimeOffset began)
    {
        properties.Items[Session] = session;
        properties.Items[Began] = began.ToString("O", CultureInfo.InvariantCulture);
        return properties;
    }

    /// <summary>Whether a session has lasted as long as any may.</summary>
    public static bool IsOver(AuthenticationProperties properties, SignInOptions options, DateTimeOffset now) =>
        !properties.Items.TryGetValue(Began, out var text) || !DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var began)
        || now - began >= options.SessionLifetime;

    /// <returns>Null for a session of a release that knew no ids.</returns>
    public static string? IdOf(AuthenticationProperties? properties) => properties?.Items.TryGetValue(Session, out var id) is true ? id : null;

    /// <summary>Keeps the session that the request came with: who calls is about to be said anew, and then the ticket is no longer at hand.</summary>
    public static void Keep(HttpContext context)
    {
        if (context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true, Ticket: { } ticket } && ticket.AuthenticationScheme == IdentityConstants.ApplicationScheme
            && ticket.Principal.Person() is { } person && IdOf(ticket.Properties) is { } id)
            context.Features.Set(new Kept(person, id, ticket.Principal.FindFirstValue(_stampClaim)));
    }

    /// <summary>The session that the request came with; null where it came with none, or is still being looked at.</summary>
    public static (PersonId Person, string Id)? Of(HttpContext context) => context.Features.Get<Kept>() is { } kept ? (kept.Person, kept.Id) : null;

    /// <summary>
    /// Whether the session that the request came with stands, by the account as it is now. What changes an account asks for it: a cookie is looked at each
    /// <see cref="SignInOptions.CheckInterval"/> alone, and an ended session must not make itself another way in meanwhile.
    /// </summary>
    public static bool IsStanding(HttpContext context, PersonUser user) =>
        context.Features.Get<Kept>() is { } kept && kept.Person == user.Person.Id && kept.Stamp == user.Account.SecurityStamp && user.Session(kept.Id) is not null;

    private sealed record Kept(PersonId Person, string Id, string? Stamp);
}

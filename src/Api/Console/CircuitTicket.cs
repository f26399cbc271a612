using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace BulkQA.Api;

/// <summary>
/// How a circuit is told who began it: the ticket of its first request, as claims, since a principal is all that a circuit is given. What the
/// person may do is not among them: that is said of each request anew.
/// </summary>
internal static class CircuitTicket
{
    /// <summary>Where circuits are begun.</summary>
    public const string Path = "/_blazor";

    private const string SchemeClaim = "bulkqa:circuit-scheme";
    private const string ExpiresClaim = "bulkqa:circuit-expires";
    private const string ItemClaim = "bulkqa:circuit-item:";

    /// <summary>Keeps the ticket that circuits are told: later in the pipeline the principal says what the request may do, and the ticket is gone.</summary>
    public static void KeepCircuitTickets(this IApplicationBuilder app) => app.Use(next => context =>
    {
        if (context.Request.Path.StartsWithSegments(Path) && context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true, Ticket: { } ticket })
            context.Features.Set(new Kept(ticket));
        return next(context);
    });

    /// <summary>Tells circuits. It comes last before endpoints: until then the request's principal says what it may do.</summary>
    public static void UseCircuitTickets(this IApplicationBuilder app) => app.Use(next => context =>
    {
        if (context.Features.Get<Kept>() is { } kept) context.User = Write(kept.Ticket);
        return next(context);
    });

    public static ClaimsPrincipal Write(AuthenticationTicket ticket)
    {
        var identity = ((ClaimsIdentity)ticket.Principal.Identity!).Clone();
        identity.AddClaim(new Claim(SchemeClaim, ticket.AuthenticationScheme));
        if (ticket.Properties.ExpiresUtc is { } expires) identity.AddClaim(new Claim(ExpiresClaim, expires.ToString("O", CultureInfo.InvariantCulture)));
        foreach (var (name, value) in ticket.Properties.Items)
            if (value is not null && !name.StartsWith('.')) identity.AddClaim(new Claim(ItemClaim + name, value));
        return new ClaimsPrincipal(identity);
    }

    /// <returns>Null where the principal is not of a circuit.</returns>
    public static AuthenticationTicket? Read(ClaimsPrincipal circuit)
    {
        if (circuit.Identity is not ClaimsIdentity told || told.FindFirst(SchemeClaim) is not { Value: var scheme }) return null;
        var identity = told.Clone();
        var properties = new AuthenticationProperties();
        foreach (var claim in identity.Claims.Where(claim => claim.Type is SchemeClaim or ExpiresClaim || claim.Type.StartsWith(ItemClaim, StringComparison.Ordinal)).ToList())
        {
            if (claim.Type == ExpiresClaim) properties.ExpiresUtc = DateTimeOffset.ParseExact(claim.Value, "O", CultureInfo.InvariantCulture, DateTimeStyles.None);
            else if (claim.Type != SchemeClaim) properties.Items[claim.Type[ItemClaim.Length..]] = claim.Value;
            identity.RemoveClaim(claim);
        }
        return new AuthenticationTicket(new ClaimsPrincipal(identity), properties, scheme);
    }

    private sealed record Kept(AuthenticationTicket Ticket);
}

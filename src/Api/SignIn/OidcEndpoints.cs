using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>The way to the identity provider, the page that people come back to, and the way out.</summary>
internal static class OidcEndpoints
{
    public const string Begin = "/sign-in/oidc";
    private const string Done = "/sign-in/oidc/done";
    private const string SignedOut = "/signed-out";

    /// <summary>Open to strangers: who may sign in is for <see cref="IExternalSignIn"/> to say.</summary>
    public static void MapOidc(this WebApplication app)
    {
        if (!SignInRegistration.IsEnabled(app.Configuration)) return;
        var pages = app.MapGroup("").ExcludeFromDescription().AllowAnonymous();
        pages.MapPost("/sign-out", SignOutAsync);
        pages.MapGet(SignedOut, (HttpContext context) => SignInNotice.WriteAsync(context, StatusCodes.Status200OK, "You are signed out", "Close the window if others use this browser.", "/"));
        if (!OidcOptions.IsEnabled(app.Configuration)) return;
        pages.MapGet(Begin, BeginAsync);
        pages.MapGet(Done, DoneAsync);
    }

    private static async Task BeginAsync(HttpContext context, OidcProbe probe, string returnUrl = "/")
    {
        if (!LocalUrl.IsLocal(returnUrl))
        {
            await SignInNotice.WriteAsync(context, StatusCodes.Status400BadRequest, "This link leads elsewhere", "returnUrl has to be the path of a page of BulkQA, such as /work.");
            return;
        }
        if (!await probe.AnswersAsync(context.RequestAborted))
        {
            await OidcFailures.WriteOutOfReachAsync(context);
            return;
        }
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await context.ChallengeAsync(OidcRegistration.Scheme, new AuthenticationProperties { RedirectUri = $"{Done}?returnUrl={Uri.EscapeDataString(returnUrl)}" });
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && OidcFailures.IsOutOfReach(e))
        {
            await OidcFailures.AnswerAsync(context, e);
        }
    }

    private static async Task DoneAsync(HttpContext context, [FromServices] IExternalSignIn people, string returnUrl = "/")
    {
        var external = await context.AuthenticateAsync(IdentityConstants.ExternalScheme);
        await context.SignOutAsync(IdentityConstants.ExternalScheme);
        if (!external.Succeeded || !LocalUrl.IsLocal(returnUrl))
            await SignInNotice.WriteAsync(context, StatusCodes.Status400BadRequest, "The sign-in did not succeed", "It took too long, or was used already. Begin again.", "/");
        else if (await people.SignInAsync(context, OidcIdentity.FromPrincipal(external.Principal)))
            context.Response.Redirect(returnUrl);
        else
            await SignInNotice.WriteAsync(
                context, StatusCodes.Status403Forbidden, "You can't sign in", "The identity provider knows you, and nobody has given you access to BulkQA. Ask who leads your team.");
    }

    private static async Task SignOutAsync(HttpContext context)
    {
        var session = await context.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        if (OidcSession.IsMarked(session.Properties) && await LeaveAsync(context) is { } there)
            // By a page, because browsers let a form lead to no other site under our content security policy, not even on the way.
            await SignInNotice.WriteAsync(context, StatusCodes.Status200OK, "You are signed out of BulkQA", "Now you are signed out of the identity provider.", null, there);
        else
            context.Response.Redirect(SignedOut);
    }

    /// <summary>Where the provider ends its own session; null where it can't be asked or offers no such place.</summary>
    private static async Task<string?> LeaveAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<OidcProbe>() is not { } probe) return null;
        if ((await probe.FindConfigurationAsync(context.RequestAborted))?.EndSessionEndpoint is not { Length: > 0 } place) return null;
        var client = context.RequestServices.GetRequiredService<IOptions<OidcOptions>>().Value.ClientId;
        var back = $"{context.Request.Scheme}://{context.Request.Host}{SignedOut}";
        return $"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}client_id={Uri.EscapeDataString(client)}&post_logout_redirect_uri={Uri.EscapeDataString(back)}";
    }
}

using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Json;
using BulkQA.Grains;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>What people see and change themselves of how they sign in. Whoever finds a browser left open has the session, and lacks the password.</summary>
internal static class AccountPages
{
    public const string Path = "/me";

    public static void MapAccount(this IEndpointRouteBuilder app)
    {
        var configuration = app.ServiceProvider.GetRequiredService<IConfiguration>();
        if (!SignInRegistration.IsEnabled(configuration)) return;
        var pages = app.MapGroup(Path).ExcludeFromDescription().RequireAuthorization(policy => policy.RequireClaim(PersonPrincipal.PersonClaim));
        pages.MapGet("", ShowAsync);
        // As in SignInPages, BrowserGuard and SessionGuard do what antiforgery tokens would.
        var changes = pages.MapGroup("").DisableAntiforgery().RequireRateLimiting(SessionRegistration.Attempts);
        changes.MapPost("/sign-out-everywhere", SignOutEverywhereAsync);
        changes.MapPost("/sessions/end", EndSessionAsync);
        changes.MapPost("/language", ChooseLanguageAsync);
        if (SignInRegistration.HasPasswords(configuration)) changes.MapPost("/password", ChangePasswordAsync);
        if (!SignInRegistration.HasPasskeys(configuration)) return;
        changes.MapPost("/passkeys/confirm", AskToConfirmAsync);
        changes.MapPost("/passkeys/options", AskForNewAsync).WithMetadata(new RequestSizeLimitAttribute(PasskeySignIn.MaxAnswerBytes));
        changes.MapPost("/passkeys", AddAsync).WithMetadata(new RequestSizeLimitAttribute(PasskeySignIn.MaxAnswerBytes));
        changes.MapPost("/passkeys/remove", RemoveAsync);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users, string? done = null) =>
        await FindAsync(context, caller, users) is { } user ? Page(context, user, StatusCodes.Status200OK, null, done) : TypedResults.Unauthorized();

    private static async Task<IResult> SignOutEverywhereAsync(HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users)
    {
        if (await FindAsync(context, caller, users) is not { } user) return TypedResults.Unauthorized();
        if (!(await users.UpdateSecurityStampAsync(user)).Succeeded) return Page(context, user, StatusCodes.Status409Conflict, "Your account was changed at the same time. Try again.");
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        return TypedResults.Redirect(SignInPages.Path);
    }

    /// <summary>One session, or, where none is named, all but this one.</summary>
    private static async Task<IResult> EndSessionAsync(HttpContext context, ClaimsPrincipal caller, IGrainFactory grains, UserManager<PersonUser> users, [FromForm] string? id)
    {
        if (await FindAsync(context, caller, users) is null) return TypedResults.Unauthorized();
        var (person, current) = (PeopleEndpoints.Person(grains, caller.Person()!.Value), SessionTicket.Of(context)?.Id);
        if (id is null) await person.EndSessionsAsync(current);
        else if (id != current) await person.EndSessionAsync(id);
        return TypedResults.Redirect($"{Path}?done={(id is null ? "others" : "ended")}");
    }

    private static async Task<IResult> ChooseLanguageAsync(HttpContext context, ClaimsPrincipal caller, IGrainFactory grains, UserManager<PersonUser> users, SessionStart sessions, [FromForm] string? language)
    {
        if (await FindAsync(context, caller, users) is not { } user) return TypedResults.Unauthorized();
        await PeopleEndpoints.Person(grains, user.Person.Id).ChangeAsync(new PersonChange { Language = SupportedCultures.Find(language)?.Code ?? "" });
        if (await FindAsync(context, caller, users) is { } changed) await sessions.GoOnAsync(context, changed);
        return TypedResults.Redirect(Path);
    }

    /// <summary>Changes the password, or sets one where there is none.</summary>
    private static async Task<IResult> ChangePasswordAsync(
        HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users, SessionStart sessions, OwnProof proofs, [FromForm] string? current, [FromForm] string? password, [FromForm] string? proof)
    {
        if (await FindAsync(context, caller, users) is not { } found) return TypedResults.Unauthorized();
        if (await proofs.FindAsync(found, current, proof) is not { } user) return Page(context, found, StatusCodes.Status400BadRequest, OwnProof.WordsFor(found));
        // Raises the security stamp: sessions elsewhere are over.
        var changed = user.HasPassword ? await users.ChangePasswordAsync(user, current!, password ?? "") : await users.AddPasswordAsync(user, password ?? "");
        if (!changed.Succeeded) return Page(context, user, StatusCodes.Status400BadRequest, string.Join(' ', changed.Errors.Select(error => error.Description)));
        await GoOnAsync(context, user, sessions);
        return TypedResults.Redirect($"{Path}?done=password");
    }

    /// <summary>What somebody without a password is asked instead of it.</summary>
    private static async Task<IResult> AskToConfirmAsync(HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users, PasskeySignIn passkeys) =>
        await FindAsync(context, caller, users) is { } user ? TypedResults.Content(await passkeys.AskToConfirmAsync(user), "application/json") : TypedResults.Unauthorized();

    private static async Task<IResult> AskForNewAsync(
        HttpContext context, PasskeyQuestion question, IStringLocalizer<Words> words, ClaimsPrincipal caller, UserManager<PersonUser> users, PasskeySignIn passkeys, OwnProof proofs)
    {
        if (await FindAsync(context, caller, users) is not { } found) return TypedResults.Unauthorized();
        if (await proofs.FindAsync(found, question.Password, question.Proof) is not { } user) return Problem.Invalid(words[OwnProof.WordsFor(found)]);
        return passkeys.RefusalOfMore(user) is { } refusal ? Problem.Conflict(refusal) : TypedResults.Content(await passkeys.AskForNewAsync(user), "application/json");
    }

    private static async Task<IResult> AddAsync(HttpContext context, NewPasskey made, IStringLocalizer<Words> words, ClaimsPrincipal caller, UserManager<PersonUser> users, PasskeySignIn passkeys)
    {
        if (await FindAsync(context, caller, users) is not { } user) return TypedResults.Unauthorized();
        var name = string.IsNullOrWhiteSpace(made.Name) ? words["Passkey {0}", user.Passkeys.Count + 1].Value : made.Name.Trim();
        if (name.Length > Passkey.MaxNameLength || name.Any(char.IsControl)) return Problem.Invalid(words["Give a name of at most {0} characters, none of them a control character.", Passkey.MaxNameLength]);
        return await passkeys.AddAsync(user, made.Credential, name) is { } problem ? Problem.Invalid(problem) : TypedResults.Ok(new PasskeyReceipt($"{Path}?done=added"));
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users, SessionStart sessions, OwnProof proofs, [FromForm] string? id, [FromForm] string? password, [FromForm] string? proof)
    {
        if (await FindAsync(context, caller, users) is not { } found) return TypedResults.Unauthorized();
        if (await proofs.FindAsync(found, password, proof) is not { } user) return Page(context, found, StatusCodes.Status400BadRequest, OwnProof.WordsFor(found));
        if (!user.HasPassword && user.Passkeys.Count == 1) return Page(context, user, StatusCodes.Status409Conflict, "This passkey is your only way in. Add another one, or set a password, and remove it then.");
        if (user.Passkeys.FirstOrDefault(passkey => IdOf(passkey) == id) is not { } passkey) return TypedResults.Redirect(Path);
        // In one write with the security stamp: sessions that it began are over, though the device may be in others' hands.
        user.SetPasskeys(user.Passkeys.Where(other => !other.Is(passkey.CredentialId)));
        if (!(await users.UpdateSecurityStampAsync(user)).Succeeded) return Page(context, user, StatusCodes.Status409Conflict, "Your account was changed at the same time. Load the page, and try again.");
        await GoOnAsync(context, user, sessions);
        return TypedResults.Redirect($"{Path}?done=removed");
    }

    /// <summary>What a form calls a passkey.</summary>
    public static string IdOf(Passkey passkey) => Base64Url.EncodeToString(passkey.CredentialId);

    /// <summary>This session goes on under the new security stamp.</summary>
    private static async Task GoOnAsync(HttpContext context, PersonUser user, SessionStart sessions)
    {
        var session = await context.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        var means = user.Sessions.FirstOrDefault(one => one.Id == SessionTicket.IdOf(session.Properties))?.Means ?? SignInMeans.Password;
        // Where the account was changed once more meanwhile, this session is over as all others are.
        if (!await sessions.BeginAsync(user, means, OidcSession.IsMarked(session.Properties) ? OidcSession.Mark(new AuthenticationProperties()) : null)) await context.SignOutAsync(IdentityConstants.ApplicationScheme);
    }

    /// <returns>Null where the caller has no session, or none that stands.</returns>
    private static async Task<PersonUser?> FindAsync(HttpContext context, ClaimsPrincipal caller, UserManager<PersonUser> users) =>
        caller.Person() is { } id && await users.FindByIdAsync(id.Value) is { MaySignIn: true } user && SessionTicket.IsStanding(context, user) ? user : null;

    private static RazorComponentResult<AccountPage> Page(HttpContext context, PersonUser user, int status, string? problem, string? done = null)
    {
        context.Response.Headers.CacheControl = "no-store";
        var words = context.RequestServices.GetRequiredService<IStringLocalizer<Words>>();
        return new RazorComponentResult<AccountPage>(new
        {
            user.Person,
            user.Passkeys,
            Sessions = SessionResponse.Of(user.Sessions, SessionTicket.Of(context)?.Id, context.RequestServices.GetRequiredService<IOptions<SignInOptions>>().Value, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()),
            user.HasPassword,
            HasPasskeys = user.HasWayIn && SignInRegistration.HasPasskeys(context.RequestServices.GetRequiredService<IConfiguration>()),
            Problem = problem is null ? null : words[problem].Value,
            Done = done switch
            {
                "password" => words["Your password is changed, and you are signed out everywhere else."].Value,
                "ended" => words["The session is ended."].Value,
                "others" => words["You are signed out everywhere else."].Value,
                "added" => words["The passkey is added: you can sign in with it."].Value,
                "removed" => words["The passkey is removed, and you are signed out everywhere else. Remove it on your device, too."].Value,
                _ => null,
            },
        })
        { StatusCode = status };
    }

    private sealed record PasskeyQuestion(string? Password, string? Proof);

    private sealed record NewPasskey(JsonElement Credential, string? Name);
}

/// <summary>What a page that used a passkey goes on to.</summary>
internal sealed record PasskeyReceipt(string Next);

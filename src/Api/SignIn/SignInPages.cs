using System.Security.Claims;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Where people sign in and out, and take invitations. No answer says whether there is somebody of a name.</summary>
internal static class SignInPages
{
    public const string Path = "/sign-in";

    private const string Wrong = "That name and password don't belong together, or there were too many tries: then wait a while.";
    internal const string NotValid = "This link is not valid, or not any more. Ask whoever sent it for a new one.";

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var configuration = app.ServiceProvider.GetRequiredService<IConfiguration>();
        if (!SignInRegistration.IsEnabled(configuration)) return;
        // Antiforgery tokens would guard what BrowserGuard does: forms of other sites are refused by their origin.
        var pages = app.MapGroup("").ExcludeFromDescription().AllowAnonymous();
        pages.MapGet(Path, Show);
        if (SignInRegistration.HasPasswords(configuration)) pages.MapPost(Path, SignInAsync).DisableAntiforgery().RequireRateLimiting(SessionRegistration.Attempts);
        if (SignInRegistration.HasPasskeys(configuration))
        {
            pages.MapPost($"{Path}/passkey/options", AskAsync).RequireRateLimiting(SessionRegistration.Attempts);
            pages.MapPost($"{Path}/passkey", SignInByPasskeyAsync).RequireRateLimiting(SessionRegistration.Attempts).WithMetadata(new RequestSizeLimitAttribute(PasskeySignIn.MaxAnswerBytes));
            pages.MapInvitationPasskeys();
        }
        pages.MapGet(Invitations.Path, ShowLink).RequireRateLimiting(SessionRegistration.Attempts);
        pages.MapPost(Invitations.Path, OpenAsync).DisableAntiforgery().RequireRateLimiting(SessionRegistration.Attempts);
        pages.MapPost($"{Invitations.Path}/take", TakeAsync).DisableAntiforgery().RequireRateLimiting(SessionRegistration.Attempts);
        // Links that were made with the secret in the path.
        pages.MapGet($"{Invitations.Path}/{{token}}", ShowInvitationAsync).RequireRateLimiting(SessionRegistration.Attempts);
    }

    private static IResult Show(ClaimsPrincipal caller, HttpResponse response, IConfiguration configuration, string? returnUrl = null) =>
        caller.Person() is not null ? TypedResults.Redirect(LocalOr(returnUrl, caller)) : Page(response, configuration, StatusCodes.Status200OK, returnUrl, null, null);

    private static async Task<IResult> SignInAsync(
        HttpResponse response, IConfiguration configuration, SessionStart sessions, [FromForm] string? name, [FromForm] string? password, [FromForm] string? returnUrl) =>
        await sessions.ByPasswordAsync(name, password) is { } user
            ? TypedResults.Redirect(LocalOr(returnUrl, user.Person.Grants))
            : Page(response, configuration, StatusCodes.Status400BadRequest, returnUrl, name, Wrong);

    private static async Task<IResult> AskAsync(PasskeySignIn passkeys) => TypedResults.Content(await passkeys.AskAsync(), "application/json");

    private static async Task<IResult> SignInByPasskeyAsync(PasskeyAnswered answered, SessionStart sessions, IStringLocalizer<Words> words) =>
        await sessions.ByPasskeyAsync(answered.Credential) is { } user
            ? TypedResults.Ok(new PasskeyReceipt(LocalOr(answered.ReturnUrl, user.Person.Grants)))
            : Problem.Invalid(words["That passkey signs nobody in here, or took too long. Try again, or sign in by your password."]);

    /// <summary>Where a link leads to: the page's script sends what stands behind <c>#</c>; without scripts one pastes the link.</summary>
    private static RazorComponentResult<LinkPage> ShowLink(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<LinkPage>();
    }

    private static Task<IResult> OpenAsync(HttpResponse response, Invitations invitations, IGrainFactory grains, IConfiguration configuration, ClaimsPrincipal caller, [FromForm] string? token) =>
        ShowInvitationAsync(Invitations.TokenOf(token), response, invitations, grains, configuration, caller);

    private static async Task<IResult> ShowInvitationAsync(string token, HttpResponse response, Invitations invitations, IGrainFactory grains, IConfiguration configuration, ClaimsPrincipal caller) =>
        await invitations.FindOpenAsync(token) is not { } invitation ? Over(response)
            // Where an identity provider says who people are, nobody becomes somebody here.
            : caller.Person() is null && !SignInRegistration.HasPasswords(configuration) ? TypedResults.Redirect($"{Path}?returnUrl={Uri.EscapeDataString(Invitations.Path)}")
            : await InvitationAsync(token, response, invitation, grains, caller);

    private static async Task<IResult> TakeAsync(
        HttpResponse response, Invitations invitations, IGrainFactory grains, UserManager<PersonUser> users, SessionStart sessions, IConfiguration configuration, ClaimsPrincipal caller,
        NewPeople people, [FromForm] string? token, [FromForm] string? name, [FromForm] string? signInName, [FromForm] string? password, [FromForm] string? removePasskeys)
    {
        token = Invitations.TokenOf(token);
        if (await invitations.FindOpenAsync(token) is not { } invitation) return Over(response);
        if (invitation.For is { } person) return !SignInRegistration.HasPasswords(configuration) ? Over(response) : await SetPasswordAsync(token, person, invitation, password, removePasskeys is not null, response, invitations, grains, users, sessions, caller);
        if (caller.Person() is { } known) return await JoinAsync(known, invitation, response, invitations, users, sessions, grains);
        if (!SignInRegistration.HasPasswords(configuration)) return Over(response);
        var problems = people.ProblemsOf(name, signInName, out var typed);
        var id = PersonId.New();
        // What the password is looked at beside; nothing of it is stored before the invitation is taken.
        var draft = new Person(id, name?.Trim() ?? "", problems.Count == 0 ? typed : null, PersonState.Active, invitation.Grants, default, 1);
        problems.AddRange(await ProblemsOfAsync(password, new PersonUser(new SignInRecord(draft, new PersonAccount())), users));
        if (problems.Count > 0) return await InvitationAsync(token, response, invitation, grains, caller, name, signInName, problems);
        var (user, refusal) = await people.MakeAsync(invitation, new LinkedPerson(id, name!.Trim(), typed, false), made => users.AddPasswordAsync(made, password!));
        if (refusal == NewPersonRefusal.NameTaken) return await InvitationAsync(token, response, invitation, grains, caller, name, signInName, [people.NameTaken]);
        if (user is null) return Over(response);
        if (!await sessions.BeginAsync(user, SignInMeans.Link)) return Over(response);
        return TypedResults.Redirect(LocalOr(null, invitation.Grants));
    }

    /// <summary>Whoever is signed in gets what the invitation gives.</summary>
    private static async Task<IResult> JoinAsync(
        PersonId person, Invitation invitation, HttpResponse response, Invitations invitations, UserManager<PersonUser> users, SessionStart sessions, IGrainFactory grains)
    {
        // Whoever was taken out of a team since does not get back in by the link that led there.
        if (invitation.Uses.Any(use => use.Person == person)) return Over(response);
        if (await users.FindByIdAsync(person.Value) is not { MaySignIn: true } caller || !SessionTicket.IsStanding(response.HttpContext, caller)) return TypedResults.Unauthorized();
        PersonReceipt? receipt = null;
        if (!await invitations.TakeAsync(invitation, person, async () => (receipt = await PeopleEndpoints.Person(grains, person).ChangeAsync(new PersonChange { Add = invitation.Grants })).Refusal == PersonRefusal.None)) return Over(response);
        // At once, and not only when the session is looked at next.
        if (await users.FindByIdAsync(person.Value) is { MaySignIn: true } user) await sessions.GoOnAsync(response.HttpContext, user);
        return TypedResults.Redirect(LocalOr(null, receipt!.Person!.Grants));
    }

    private static async Task<IResult> SetPasswordAsync(
        string token, PersonId person, Invitation invitation, string? password, bool removesPasskeys, HttpResponse response, Invitations invitations, IGrainFactory grains, UserManager<PersonUser> users, SessionStart sessions, ClaimsPrincipal caller)
    {
        if (await users.FindByIdAsync(person.Value) is not { MaySignIn: true } user || !Invitations.IsOf(invitation, user.Account)) return Over(response);
        var problems = await ProblemsOfAsync(password, user, users);
        if (problems.Count > 0) return await InvitationAsync(token, response, invitation, grains, caller, problems: problems);
        // Raises the security stamp: all sessions of before are over. What goes here goes in the same write.
        user.Account = user.Account with { PasswordHash = null, Passkeys = removesPasskeys ? [] : user.Account.Passkeys };
        if (!await invitations.TakeAsync(invitation, person, async () => (await users.AddPasswordAsync(user, password!)).Succeeded)) return Over(response);
        await PeopleEndpoints.Person(grains, person).NoteSignInAsync();
        if (!await sessions.BeginAsync(user, SignInMeans.Link)) return Over(response);
        return TypedResults.Redirect(LocalOr(null, user.Person.Grants));
    }

    private static async Task<List<string>> ProblemsOfAsync(string? password, PersonUser user, UserManager<PersonUser> users)
    {
        foreach (var rule in users.PasswordValidators)
            if (await rule.ValidateAsync(users, user, password) is { Succeeded: false } refused) return [.. refused.Errors.Select(error => error.Description)];
        return [];
    }

    private static RazorComponentResult<SignInPage> Page(HttpResponse response, IConfiguration configuration, int status, string? returnUrl, string? name, string? problem)
    {
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<SignInPage>(new
        {
            ReturnUrl = returnUrl,
            Name = name,
            Problem = problem is null ? null : response.HttpContext.RequestServices.GetRequiredService<IStringLocalizer<Words>>()[problem].Value,
            HasPasswords = SignInRegistration.HasPasswords(configuration),
            HasPasskeys = SignInRegistration.HasPasskeys(configuration),
            HasProvider = OidcOptions.IsEnabled(configuration),
        })
        { StatusCode = status };
    }

    private static async Task<IResult> InvitationAsync(
        string token, HttpResponse response, Invitation invitation, IGrainFactory grains, ClaimsPrincipal caller, string? name = null, string? signInName = null, IReadOnlyList<string>? problems = null)
    {
        response.Headers.CacheControl = "no-store";
        var person = invitation.For is { } id ? await PeopleEndpoints.Person(grains, id).GetAccountAsync() : null;
        return new RazorComponentResult<InvitationPage>(new
        {
            Token = token,
            Grants = (IReadOnlyList<Grant>)[.. invitation.Grants],
            For = person?.Person,
            Passkeys = person?.Account.Passkeys.Length ?? 0,
            SignedInAs = caller.PersonName(),
            Name = name,
            SignInName = signInName,
            Problems = problems ?? [],
        })
        { StatusCode = problems is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    private static RazorComponentResult<InvitationPage> Over(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<InvitationPage>(new { Grants = (IReadOnlyList<Grant>)[], Over = response.HttpContext.RequestServices.GetRequiredService<IStringLocalizer<Words>>()[NotValid].Value }) { StatusCode = StatusCodes.Status404NotFound };
    }

    private static string LocalOr(string? returnUrl, ClaimsPrincipal caller) => LocalOr(returnUrl, caller.Grants());

    /// <summary>Where to go on: only to a page of ours, whatever is asked for; otherwise to what the grants are for.</summary>
    internal static string LocalOr(string? returnUrl, IEnumerable<Grant> grants) =>
        returnUrl is not null && LocalUrl.IsLocal(returnUrl) && !returnUrl.StartsWith(Path, StringComparison.OrdinalIgnoreCase) ? returnUrl : grants.Any(grant => grant.Role != PersonRole.Worker) ? "/" : "/work";

    private sealed record PasskeyAnswered(JsonElement Credential, string? ReturnUrl);
}

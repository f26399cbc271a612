using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>
/// Taking an invitation, or a link for a new password, by making a passkey. The browser is asked first; only what it has made makes somebody, or counts
/// as a use of the link.
/// </summary>
internal static class InvitationPasskeyPages
{
    public static void MapInvitationPasskeys(this IEndpointRouteBuilder pages)
    {
        pages.MapPost($"{Invitations.Path}/passkey/options", AskAsync).RequireRateLimiting(SessionRegistration.Attempts);
        pages.MapPost($"{Invitations.Path}/passkey", TakeAsync).RequireRateLimiting(SessionRegistration.Attempts).WithMetadata(new RequestSizeLimitAttribute(PasskeySignIn.MaxAnswerBytes));
    }

    private static async Task<IResult> AskAsync(
        LinkQuestion question, HttpContext context, ClaimsPrincipal caller, Invitations invitations, NewPeople people, LinkPasskeys made, PasskeySignIn passkeys, UserManager<PersonUser> users, IStringLocalizer<Words> words)
    {
        if (await invitations.FindOpenAsync(Invitations.TokenOf(question.Token)) is not { } invitation) return Over(words);
        if (invitation.For is { } id)
        {
            if (await users.FindByIdAsync(id.Value) is not { MaySignIn: true, Person.SignInName: { } signInName } user) return Over(words);
            if (!question.RemovePasskeys && passkeys.RefusalOfMore(user) is { } refusal) return Problem.Conflict(refusal);
            return Options(await made.AskAsync(context, invitation, new LinkedPerson(id, user.Person.Name, signInName, question.RemovePasskeys)));
        }
        if (IsSignedIn(caller, words) is { } problem) return problem;
        var problems = people.ProblemsOf(question.Name, question.SignInName, out var typed);
        // Before the device makes what would be of no use. It is looked at again when the person is made.
        if (problems.Count == 0 && await people.IsTakenAsync(typed)) problems.Add(people.NameTaken);
        return problems.Count > 0 ? Problem.Invalid(string.Join(' ', problems))
            : Options(await made.AskAsync(context, invitation, new LinkedPerson(Core.PersonId.New(), question.Name!.Trim(), typed, false)));
    }

    private static async Task<IResult> TakeAsync(
        LinkAnswer answer, HttpContext context, ClaimsPrincipal caller, Invitations invitations, NewPeople people, LinkPasskeys made, UserManager<PersonUser> users, SessionStart sessions, IGrainFactory grains,
        IStringLocalizer<Words> words)
    {
        if (await invitations.FindOpenAsync(Invitations.TokenOf(answer.Token)) is not { } invitation) return Over(words);
        if (invitation.For is null && IsSignedIn(caller, words) is { } problem) return problem;
        if (await made.FindAsync(context, invitation, answer.Credential) is not var (person, passkey)) return Problem.Invalid(words[PasskeySignIn.NotTaken]);
        if (invitation.For is { } id && id != person.Id) return Over(words);
        var (user, refusal) = invitation.For is null
            ? await people.MakeAsync(invitation, person, user => AddAsync(user, passkey, users, words))
            : (await ReplaceAsync(invitation, person, passkey, invitations, users, grains, words), NewPersonRefusal.Over);
        if (user is null) return refusal == NewPersonRefusal.NameTaken ? Problem.Conflict(people.NameTaken) : Over(words);
        return await sessions.BeginAsync(user, SignInMeans.Link) ? TypedResults.Ok(new PasskeyReceipt(SignInPages.LocalOr(null, user.Person.Grants))) : Over(words);
    }

    /// <summary>The passkey takes the place of the password, which was forgotten or is known to others: all sessions of before are over.</summary>
    private static async Task<PersonUser?> ReplaceAsync(
        Invitation invitation, LinkedPerson person, UserPasskeyInfo passkey, Invitations invitations, UserManager<PersonUser> users, IGrainFactory grains, IStringLocalizer<Words> words)
    {
        if (await users.FindByIdAsync(person.Id.Value) is not { MaySignIn: true } user || !Invitations.IsOf(invitation, user.Account)) return null;
        // In one write with the passkey.
        user.Account = user.Account with { PasswordHash = null, SecurityStamp = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)), Passkeys = person.RemovesPasskeys ? [] : user.Account.Passkeys };
        if (!await invitations.TakeAsync(invitation, person.Id, async () => (await AddAsync(user, passkey, users, words)).Succeeded)) return null;
        await PeopleEndpoints.Person(grains, person.Id).NoteSignInAsync();
        return user;
    }

    private static Task<IdentityResult> AddAsync(PersonUser user, UserPasskeyInfo passkey, UserManager<PersonUser> users, IStringLocalizer<Words> words)
    {
        passkey.Name = words["Passkey {0}", user.Passkeys.Count + 1];
        return users.AddOrUpdatePasskeyAsync(user, passkey);
    }

    /// <summary>Whoever is signed in takes what the invitation gives, and becomes nobody else.</summary>
    private static ProblemHttpResult? IsSignedIn(ClaimsPrincipal caller, IStringLocalizer<Words> words) => caller.Person() is null ? null : Problem.Conflict(words["You are signed in by now. Load the page again."]);

    private static ProblemHttpResult Over(IStringLocalizer<Words> words) => Problem.NotFound(words[SignInPages.NotValid]);

    private static ContentHttpResult Options(string json) => TypedResults.Content(json, "application/json");

    private sealed record LinkQuestion(string? Token, string? Name, string? SignInName, bool RemovePasskeys);

    private sealed record LinkAnswer(string? Token, JsonElement Credential);
}

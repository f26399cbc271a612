using System.Text.Json;
using BulkQA.Grains;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Begins sessions.</summary>
internal sealed class SessionStart(IGrainFactory grains, SignInManager<PersonUser> signIn, PasswordCheck passwords, PasskeySignIn passkeys, IOptions<SignInOptions> options, TimeProvider time)
{
    /// <summary>Begins a session for whoever has this name and password.</summary>
    /// <returns>Null where nobody has: nothing says whether it is the name or the password, or that there were too many tries.</returns>
    public async Task<PersonUser?> ByPasswordAsync(string? name, string? password)
    {
        if (await passwords.FindAsync(name, password) is not { } user) return null;
        return await BeginAsync(user, SignInMeans.Password) ? user : null;
    }

    /// <summary>Begins a session for whoever has the passkey that answered. Wrong passwords lock nobody out who has one.</summary>
    /// <returns>Null where nobody has: nothing says why.</returns>
    public async Task<PersonUser?> ByPasskeyAsync(JsonElement credential)
    {
        if (await passkeys.FindAsync(credential) is not { } user) return null;
        return await BeginAsync(user, SignInMeans.Passkey) ? user : null;
    }

    /// <summary>Begins a session for a person that has shown who it is, and ends the one that this browser had.</summary>
    /// <param name="user">Who.</param>
    /// <param name="means">By what.</param>
    /// <param name="properties">Of a session that is marked in some way; null for none.</param>
    /// <returns>False where the person is gone, or what it signs in by was changed since it was read: then no session begins.</returns>
    public async Task<bool> BeginAsync(PersonUser user, SignInMeans means, AuthenticationProperties? properties = null)
    {
        if (SessionTicket.Of(signIn.Context) is var (person, before)) await PeopleEndpoints.Person(grains, person).EndSessionAsync(before);
        var now = time.GetUtcNow();
        var (browser, system) = BrowserName.Of(signIn.Context.Request.Headers.UserAgent.ToString());
        var session = new PersonSession(Guid.NewGuid().ToString("N"), now, now, means, browser, system);
        if (await PeopleEndpoints.Person(grains, user.Person.Id).BeginSessionAsync(session, user.Account.SecurityStamp, options.Value.SessionLifetime, options.Value.Silence) is false) return false;
        await signIn.SignInAsync(user, SessionTicket.Write(properties ?? new AuthenticationProperties(), session.Id, now));
        return true;
    }

    /// <summary>Has the session of this request say what its person may now, where it stands. It began when it did, and in the way that it did.</summary>
    public async Task GoOnAsync(HttpContext context, PersonUser user)
    {
        if (SessionTicket.IsStanding(context, user) && (await context.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Properties is { } properties) await signIn.SignInAsync(user, properties);
    }
}

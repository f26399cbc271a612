using System.Globalization;
using BulkQA.Grains;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Begins sessions.</summary>
internal sealed class SessionStart(
    IGrainFactory grains, SignInManager<PersonUser> signIn, UserManager<PersonUser> users, IPasswordHasher<PersonUser> hasher, PasskeySignIn passkeys, IOptions<SignInOptions> options, TimeProvider time)
{
    private const string Began = "began";

    /// <summary>Of no password: verified where there is nobody, so that the time taken tells little of whether there is.</summary>
    private static readonly Lazy<string> _nobodysHash = new(() => new PasswordHasher<PersonUser>().HashPassword(null!, Guid.NewGuid().ToString()));

    /// <summary>Whether a session has lasted as long as any may.</summary>
    public static bool IsOver(AuthenticationProperties properties, SignInOptions options, DateTimeOffset now) =>
        !properties.Items.TryGetValue(Began, out var text) || !DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var began)
        || now - began >= options.SessionLifetime;

    /// <summary>Begins a session for whoever has this name and password.</summary>
    /// <returns>Null where nobody has: nothing says whether it is the name or the password, or that there were too many tries.</returns>
    public async Task<PersonUser?> ByPasswordAsync(string? name, string? password)
    {
        var user = string.IsNullOrEmpty(name) ? null : await users.FindByNameAsync(name);
        if (user is not { MaySignIn: true })
        {
            hasher.VerifyHashedPassword(null!, _nobodysHash.Value, password ?? "");
            return null;
        }
        if (!await IsPasswordAsync(user, password)) return null;
        await BeginAsync(user);
        return user;
    }

    /// <summary>
    /// Whether it is the person's password. Counted before it is looked at, so that many that are sent at once are many; it takes as long where there
    /// were too many.
    /// </summary>
    public async Task<bool> IsPasswordAsync(PersonUser user, string? password)
    {
        var mayLook = user.Account.PasswordHash is not null && await Person(user).TrySignInAsync(options.Value.MaxFailedAttempts, options.Value.LockoutTime);
        var isRight = hasher.VerifyHashedPassword(user, mayLook ? user.Account.PasswordHash! : _nobodysHash.Value, password ?? "") != PasswordVerificationResult.Failed && mayLook;
        if (isRight) await Person(user).NoteSignInAsync();
        return isRight;
    }

    /// <summary>Begins a session for whoever has the passkey that answered. Wrong passwords lock nobody out who has one.</summary>
    /// <returns>Null where nobody has: nothing says why.</returns>
    public async Task<PersonUser?> ByPasskeyAsync(JsonElement credential)
    {
        if (await passkeys.FindAsync(credential) is not { } user) return null;
        await BeginAsync(user);
        return user;
    }

    /// <summary>Begins a session for a person that has shown who it is.</summary>
    /// <param name="user">Who.</param>
    /// <param name="properties">Of a session that is marked in some way; null for none.</param>
    public Task BeginAsync(PersonUser user, AuthenticationProperties? properties = null)
    {
        properties ??= new AuthenticationProperties();
        properties.Items[Began] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        return signIn.SignInAsync(user, properties);
    }

    /// <summary>Has the session of this request say what its person may now. It began when it did, and in the way that it did.</summary>
    public async Task GoOnAsync(HttpContext context, PersonUser user)
    {
        if ((await context.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Properties is { } properties) await signIn.SignInAsync(user, properties);
    }

    private IPersonGrain Person(PersonUser user) => PeopleEndpoints.Person(grains, user.Person.Id);
}

using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Looks at passwords. A try that fails takes the same steps whether or not there is somebody of the name, who has a password and may sign in: the
/// name and who has it are looked up, the try is counted, and one hash is made.
/// </summary>
internal sealed class PasswordCheck(IGrainFactory grains, UserManager<PersonUser> users, IPasswordHasher<PersonUser> hasher, IOptions<SignInOptions> options)
{
    /// <summary>Places where tries for names of nobody are counted: few, so that no number of invented names fills the storage.</summary>
    private const int Nobodies = 256;

    /// <summary>Of no password: verified where there is none to look at.</summary>
    private static readonly Lazy<string> _nobodysHash = new(() => new PasswordHasher<PersonUser>().HashPassword(null!, Guid.NewGuid().ToString()));

    /// <returns>Null where nobody has this name and password, or may sign in: nothing says why, or that there were too many tries.</returns>
    public async Task<PersonUser?> FindAsync(string? name, string? password)
    {
        var user = string.IsNullOrEmpty(name) ? null : await users.FindByNameAsync(name);
        var person = PeopleEndpoints.Person(grains, user?.Person.Id ?? NobodyOf(name ?? ""));
        if (user is null) await person.GetAccountAsync();
        return await IsRightAsync(person, user is { MaySignIn: true } ? user : null, password) ? user : null;
    }

    /// <summary>Whether it is the person's password.</summary>
    public Task<bool> IsPasswordAsync(PersonUser user, string? password) => IsRightAsync(PeopleEndpoints.Person(grains, user.Person.Id), user, password);

    /// <summary>Counted before it is looked at, so that many that are sent at once are many.</summary>
    private async Task<bool> IsRightAsync(IPersonGrain person, PersonUser? user, string? password)
    {
        var mayLook = await person.TrySignInAsync(options.Value.MaxFailedAttempts, options.Value.LockoutTime) && user?.Account.PasswordHash is not null;
        var isRight = hasher.VerifyHashedPassword(user!, mayLook ? user!.Account.PasswordHash! : _nobodysHash.Value, password ?? "") != PasswordVerificationResult.Failed && mayLook;
        if (isRight) await person.NoteSignInAsync();
        return isRight;
    }

    /// <summary>By a hash that is another in each process, so that nobody can choose which names share a place.</summary>
    private static PersonId NobodyOf(string name) => PersonId.Parse($"p-{new Guid((int)((uint)StringComparer.OrdinalIgnoreCase.GetHashCode(name) % Nobodies), 0, 0, new byte[8]):N}");
}
